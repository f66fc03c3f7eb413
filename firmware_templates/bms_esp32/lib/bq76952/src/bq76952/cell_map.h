// Which of the 16 cell inputs a pack of fewer cells uses. The lowest cells take the lowest inputs
// and the highest cell always takes input 16, since the chip measures the stack there; the inputs
// between are shorted together on the board (TI's answer for 13 cells: 0x8FFF, which is this rule).
#pragma once

#include <stdint.h>

namespace bq76952 {

constexpr int32_t kInputs = 16;

// Input of a cell, both counted from 0 at the negative end.
constexpr int32_t input_of_cell(int32_t cell, int32_t cell_count) {
  return cell == cell_count - 1 ? kInputs - 1 : cell;
}

// A set of cells, bit 0 the lowest, as the set of their inputs.
constexpr uint16_t inputs_of_cells(uint32_t cells, int32_t cell_count) {
  uint32_t inputs = 0;
  for (int32_t cell = 0; cell < cell_count; ++cell) {
    if ((cells >> static_cast<uint32_t>(cell) & 1U) != 0) {
      inputs |= 1U << static_cast<uint32_t>(input_of_cell(cell, cell_count));
    }
  }
  return static_cast<uint16_t>(inputs);
}

}  // namespace bq76952
