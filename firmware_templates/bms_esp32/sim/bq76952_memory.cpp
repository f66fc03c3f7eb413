#include "sim/bq76952_memory.h"

#include <cstring>

namespace sim {

namespace {

struct Default {
  uint16_t address;
  uint8_t size;
  uint32_t value;
};

// Of TI's manual SLUUBY2B. Those of the protections' delays, recoveries and latches, of the pins
// and of balancing are from memory: unsure. All that is not listed is 0 here.
constexpr Default kDefaults[] = {
    {0x91A8, 4, 0x40EF41F2},  // CC gain 7.4768
    {0x91AC, 4, 0x4A081C6A},  // capacity gain 2230042
    {0x9234, 2, 0x2982},      // power config: sleep allowed
    {0x925F, 2, 0x0002},      // protection configuration
    {0x9261, 1, 0x88},        // protections A: short circuit and over-voltage only
    {0x9262, 1, 0x00},        // protections B: no temperature
    {0x9263, 1, 0x00},        // protections C: no host watchdog, no latch
    {0x9265, 1, 0x98},       {0x9266, 1, 0xD5},   {0x9267, 1, 0x56},
    {0x9269, 1, 0xE4},       {0x926A, 1, 0xE6},   {0x926B, 1, 0xE2},
    {0x926D, 2, 0xF800},                       // alarm mask
    {0x9273, 2, 50},                           // body diode threshold, mA
    {0x9275, 1, 50},                           // CUV
    {0x9276, 2, 74},         {0x9278, 1, 86},  // COV: 4352 mV
    {0x9279, 2, 74},         {0x927B, 1, 2},      {0x927C, 1, 2},
    {0x9280, 1, 2},                                // OCC
    {0x9281, 1, 4},          {0x9282, 1, 4},       // OCD1
    {0x9283, 1, 1},          {0x9284, 1, 3},       // OCD2
    {0x9285, 1, 7},          {0x9286, 1, 0},       // SCD: 10 mV
    {0x9287, 1, 2},          {0x9288, 2, 0xFF38},  // OCC recovery: -200 mA
    {0x928D, 2, 200},                              // OCD recovery
    {0x9294, 1, 5},                                // SCD recovery time
    {0x9295, 1, 0},          {0x9296, 1, 10},     {0x9297, 1, 15},
    {0x9298, 2, 200},        {0x929A, 1, 55},                       // OTC, delay, recovery
    {0x929B, 1, 2},          {0x929C, 1, 50},     {0x929D, 1, 60},  // OTD
    {0x929E, 1, 2},          {0x929F, 1, 55},     {0x92A3, 1, 85},  // OTINT
    {0x92A4, 1, 2},          {0x92A5, 1, 80},     {0x92A6, 1, 0},   // UTC
    {0x92A7, 1, 2},          {0x92A8, 1, 5},      {0x92A9, 1, 0},   // UTD
    {0x92AA, 1, 2},          {0x92AB, 1, 5},      {0x92AF, 1, 3},   // recovery time, s
    {0x92B0, 2, 200},                                               // OCC: pack below stack, 10 mV
    {0x92B2, 2, 60},                                                // host watchdog, s
    {0x92FD, 1, 0x07},  // TS1: thermistor by the 18 k model
    {0x9303, 1, 0x05},  // DA configuration: mA, 10 mV
    {0x9304, 2, 0x0000},     {0x9308, 1, 0x0D},   {0x9309, 1, 0x01},
    {0x9314, 1, 5},  // open-wire check, s
    {0x9336, 1, 0xEC},       {0x9337, 1, 60},     {0x9338, 1, 70},
    {0x9339, 1, 20},         {0x933A, 1, 1},
};

}  // namespace

void Bq76952Memory::reset() {
  bytes_.fill(0);
  for (const Default& entry : kDefaults) {
    const uint8_t bytes[] = {
        static_cast<uint8_t>(entry.value), static_cast<uint8_t>(entry.value >> 8U),
        static_cast<uint8_t>(entry.value >> 16U), static_cast<uint8_t>(entry.value >> 24U)};
    write(entry.address, bytes, entry.size);
  }
}

bool Bq76952Memory::holds(uint16_t address, size_t count) {
  return address >= kBegin && address + count <= kEnd;
}

void Bq76952Memory::read(uint16_t address, uint8_t* bytes, size_t count) const {
  for (size_t i = 0; i < count; ++i) {
    const size_t at = static_cast<size_t>(address) - kBegin + i;
    bytes[i] = at < bytes_.size() ? bytes_[at] : uint8_t{0};
  }
}

void Bq76952Memory::write(uint16_t address, const uint8_t* bytes, size_t count) {
  if (holds(address, count)) std::memcpy(&bytes_[address - kBegin], bytes, count);
}

float Bq76952Memory::f4(uint16_t address) const {
  const uint32_t bits = value(address, 4);
  float result = 0;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

uint32_t Bq76952Memory::value(uint16_t address, size_t size) const {
  uint32_t result = 0;
  for (size_t i = 0; i < size; ++i) {
    result |= static_cast<uint32_t>(bytes_[address - kBegin + i]) << (8U * i);
  }
  return result;
}

}  // namespace sim
