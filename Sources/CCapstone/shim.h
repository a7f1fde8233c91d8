// Capstone's types and constants. The library itself is loaded when code is disassembled (CapstoneLibrary.swift).
#pragma once
#include <capstone/capstone.h>
