/// The layout of `cnc.dat`: its header, and the arithmetic of the five sections behind it. Driver, client and tools.
/// spec: 01 §3.1, §3.2
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cpperon/base/result.hpp"
#include "cpperon/shm/broadcast_layout.hpp"
#include "cpperon/shm/ring_layout.hpp"
#include "cpperon/shm/semantic_version.hpp"

namespace cpperon::shm {

/// The first 128 bytes of `cnc.dat`. Little-endian. spec: 01 §3.1
struct CncHeader {
    std::int32_t cnc_version;               ///< 0 until the driver is ready; the last field written
    std::int32_t to_driver_buffer_length;   ///< with the ring's trailer
    std::int32_t to_clients_buffer_length;  ///< with the broadcast's trailer
    std::int32_t counters_metadata_buffer_length;
    std::int32_t counters_values_buffer_length;
    std::int32_t error_log_buffer_length;
    std::int64_t client_liveness_timeout_ns;
    std::int64_t start_timestamp_ms;
    std::int64_t pid;
    std::int32_t file_page_size;  ///< readers take 0 for 4,096
    std::byte reserved[76];       ///< zero
};
static_assert(offsetof(CncHeader, cnc_version) == 0 && offsetof(CncHeader, to_driver_buffer_length) == 4);
static_assert(offsetof(CncHeader, to_clients_buffer_length) == 8);
static_assert(offsetof(CncHeader, counters_metadata_buffer_length) == 12);
static_assert(offsetof(CncHeader, counters_values_buffer_length) == 16);
static_assert(offsetof(CncHeader, error_log_buffer_length) == 20);
static_assert(offsetof(CncHeader, client_liveness_timeout_ns) == 24 && offsetof(CncHeader, start_timestamp_ms) == 32);
static_assert(offsetof(CncHeader, pid) == 40 && offsetof(CncHeader, file_page_size) == 48);
static_assert(sizeof(CncHeader) == 128);

inline constexpr std::int64_t cnc_header_length = sizeof(CncHeader);
inline constexpr SemanticVersion cnc_version{0, 2, 0};

inline constexpr std::int32_t default_file_page_size = 4'096;
inline constexpr std::int32_t min_file_page_size = 4'096;
inline constexpr std::int32_t max_file_page_size = 1'073'741'824;

inline constexpr std::int32_t default_to_driver_buffer_length = 1'048'576 + RingTrailer::length;
inline constexpr std::int32_t default_to_clients_buffer_length = 1'048'576 + BroadcastTrailer::length;
inline constexpr std::int32_t default_counters_values_buffer_length = 8'388'608;
inline constexpr std::int32_t min_counters_values_buffer_length = 1'048'576;
inline constexpr std::int32_t max_counters_values_buffer_length = 524'288'000;
inline constexpr std::int32_t default_error_log_buffer_length = 4'194'304;

/// What a driver decides about its `cnc.dat` before it creates it. The length of the counters metadata follows from
/// that of the values. spec: 01 §3.1, §11
struct CncConfig {
    std::int32_t to_driver_buffer_length = default_to_driver_buffer_length;    ///< with trailer
    std::int32_t to_clients_buffer_length = default_to_clients_buffer_length;  ///< with trailer
    std::int32_t counters_values_buffer_length = default_counters_values_buffer_length;
    std::int32_t error_log_buffer_length = default_error_log_buffer_length;
    std::int64_t client_liveness_timeout_ns = 10'000'000'000;
    std::int64_t start_timestamp_ms = 0;  ///< epoch
    std::int64_t pid = 0;
    std::int32_t file_page_size = default_file_page_size;  ///< power of two; file lengths are multiples of it
};

/// Where a section lies, in bytes from the start of the file.
struct CncSection {
    std::int64_t offset = 0;
    std::int64_t length = 0;

    [[nodiscard]] constexpr std::int64_t end() const noexcept { return offset + length; }
    friend constexpr bool operator==(const CncSection&, const CncSection&) = default;
};

/// The sections of one `cnc.dat`, back to back behind the header in this order. spec: 01 §3.2
struct CncLayout {
    CncSection to_driver;
    CncSection to_clients;
    CncSection counters_metadata;
    CncSection counters_values;
    CncSection error_log;

    /// The bytes in use; the file is this long, rounded up to its page size.
    [[nodiscard]] constexpr std::int64_t end() const noexcept { return error_log.end(); }

    /// Checks a configuration against the bounds a driver must hold to. Fails with `invalid_argument`, naming the
    /// setting, its value and what is allowed.
    [[nodiscard]] static Result<CncLayout> of(const CncConfig& config);

    /// Checks the lengths in the header of a file that somebody else wrote: each section must be one that its data
    /// structure can live in, at an aligned offset; none need reach a driver's minimum. Fails with `malformed_file`,
    /// naming `path` and the field. Whether the file is long enough is for the caller to compare with `end()`.
    [[nodiscard]] static Result<CncLayout> of(const CncHeader& header, const std::string& path);
};

/// The length of the file for a layout: `end()` rounded up to the page size. spec: 01 §3.2
[[nodiscard]] std::int64_t cnc_file_length(const CncLayout& layout, std::int32_t file_page_size) noexcept;

}  // namespace cpperon::shm
