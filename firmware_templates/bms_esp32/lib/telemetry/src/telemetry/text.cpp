#include "telemetry/text.h"

namespace telemetry {

TextLine::TextLine(const char* name, uint32_t index, int32_t value) {
  put('>');
  for (const char* at = name; *at != '\0'; ++at) put(*at);
  if (index > 0) {
    put('_');
    put_number(index);
  }
  put(':');
  const uint32_t bits = static_cast<uint32_t>(value);
  if (value < 0) put('-');
  put_number(value < 0 ? 0U - bits : bits);
  put('\n');
}

void TextLine::put(char character) {
  if (size_ < sizeof(bytes_)) bytes_[size_++] = static_cast<uint8_t>(character);
}

void TextLine::put_number(uint32_t number) {
  char digits[10];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) put(digits[--count]);
}

}  // namespace telemetry
