// A line of text for other plotters:  >name:value
// Source: the protocol of Teleplot, https://github.com/nesnes/teleplot
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace telemetry {

class TextLine {
 public:
  // `index` is appended to the name as _1, _2, ...; 0 appends nothing.
  TextLine(const char* name, uint32_t index, int32_t value);

  const uint8_t* bytes() const { return bytes_; }
  size_t size() const { return size_; }

 private:
  void put(char character);
  void put_number(uint32_t number);

  uint8_t bytes_[48] = {};
  size_t size_ = 0;
};

}  // namespace telemetry
