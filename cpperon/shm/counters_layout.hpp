/// The layout of counters: a record of values and a record of metadata for each counter id. spec: 01 §6.1, §6.2
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cpperon {

/// What may be done with a counter id. spec: 01 §6.2
enum class CounterState : std::int32_t {
    unused = 0,      ///< never allocated, and no higher id was
    allocated = 1,   ///< in use
    reclaimed = -1,  ///< freed; may be allocated again after its cool-down
};

inline constexpr std::int32_t null_counter_id = -1;
inline constexpr std::int32_t max_counter_key_length = 112;
inline constexpr std::int32_t max_counter_label_length = 380;

/// All key bytes; what they mean depends on the type id, and how many were given is not recorded. spec: 01 §6.8
using CounterKey = std::array<std::byte, max_counter_key_length>;

namespace shm {

/// Little-endian, at counter id x 128 in the values section. spec: 01 §6.1
struct CounterValuesRecord {
    std::int64_t value;            ///< atomic
    std::int64_t registration_id;  ///< atomic
    std::int64_t owner_id;         ///< client id, or -1 for the driver's own
    std::int64_t reference_id;
    std::byte reserved[96];
};
static_assert(offsetof(CounterValuesRecord, value) == 0 && offsetof(CounterValuesRecord, registration_id) == 8);
static_assert(offsetof(CounterValuesRecord, owner_id) == 16 && offsetof(CounterValuesRecord, reference_id) == 24);
static_assert(sizeof(CounterValuesRecord) == 128);

/// Little-endian, at counter id x 512 in the metadata section. spec: 01 §6.2
struct CounterMetadataRecord {
    std::int32_t state;  ///< atomic; `CounterState`
    std::int32_t type_id;
    std::int64_t free_for_reuse_deadline_ms;  ///< atomic; epoch; the largest value while allocated
    std::byte key[max_counter_key_length];
    std::int32_t label_length;  ///< atomic
    std::byte label[max_counter_label_length];
};
static_assert(offsetof(CounterMetadataRecord, state) == 0 && offsetof(CounterMetadataRecord, type_id) == 4);
static_assert(offsetof(CounterMetadataRecord, free_for_reuse_deadline_ms) == 8);
static_assert(offsetof(CounterMetadataRecord, key) == 16 && offsetof(CounterMetadataRecord, label_length) == 128);
static_assert(offsetof(CounterMetadataRecord, label) == 132 && sizeof(CounterMetadataRecord) == 512);

inline constexpr std::int64_t counter_never_reusable = INT64_MAX;

}  // namespace shm

}  // namespace cpperon
