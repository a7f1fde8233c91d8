#pragma once
#include <capstone.h>
