/// The record of the command ring and of the event broadcast: both carry messages behind the same 8 bytes.
/// spec: 01 §4.2, §5.2
#pragma once

#include <cstdint>

namespace cpperon::shm {

struct RecordHeader {
    static constexpr std::int32_t length_offset = 0;   ///< i32, with this header, before alignment
    static constexpr std::int32_t type_id_offset = 4;  ///< i32, from 1, or `padding_type_id`
    static constexpr std::int32_t length = 8;
};

inline constexpr std::int32_t record_alignment = 8;
inline constexpr std::int32_t padding_type_id = -1;

}  // namespace cpperon::shm
