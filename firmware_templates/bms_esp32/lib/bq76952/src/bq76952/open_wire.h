// An open sense wire, from the pattern it leaves. The chip pulls each input down a little now and
// then; at an open one the cell below sinks and the cell above rises by as much, which no battery
// does.
#pragma once

#include <stdint.h>

namespace bq76952 {

// True if two neighbours are far apart while their mean is that of all the others.
bool is_wire_open(const int32_t* cell_mv, int32_t cell_count);

}  // namespace bq76952
