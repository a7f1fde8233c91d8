// SwiftPM wants a source file; the functions are the system's.
#include "CDemangle.h"
