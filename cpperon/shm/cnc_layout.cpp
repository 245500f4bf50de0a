#include "cpperon/shm/cnc_layout.hpp"

#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/shm/counters_layout.hpp"
#include "cpperon/shm/error_log_layout.hpp"
#include "cpperon/shm/record.hpp"

namespace cpperon::shm {

namespace {

constexpr std::int64_t metadata_to_values_ratio = sizeof(CounterMetadataRecord) / sizeof(CounterValuesRecord);

/// The sections one after the other; each length is 0 to 2^31 - 1, so that no sum overflows.
CncLayout place(const std::int64_t to_driver, const std::int64_t to_clients, const std::int64_t counters_metadata,
                const std::int64_t counters_values, const std::int64_t error_log) noexcept {
    CncLayout layout;
    layout.to_driver = {cnc_header_length, to_driver};
    layout.to_clients = {layout.to_driver.end(), to_clients};
    layout.counters_metadata = {layout.to_clients.end(), counters_metadata};
    layout.counters_values = {layout.counters_metadata.end(), counters_values};
    layout.error_log = {layout.counters_values.end(), error_log};
    return layout;
}

ErrorInfo invalid(const std::string_view setting, const std::int64_t value, const std::string_view allowed) {
    return {ErrorCode::invalid_argument, fmt::format("{} is {}, allowed is {}", setting, value, allowed)};
}

ErrorInfo malformed(const std::string& path, const std::string_view field, const std::int64_t value,
                    const std::string_view expected) {
    return {ErrorCode::malformed_file,
            fmt::format("'{}' is malformed: its {} is {}, expected is {}; stop its driver, delete the directory and "
                        "start again",
                        path, field, value, expected)};
}

bool is_section_of_power_of_two(const std::int32_t length, const std::int32_t trailer_length) noexcept {
    return length >= trailer_length + record_alignment && is_power_of_two(length - trailer_length);
}

}  // namespace

Result<CncLayout> CncLayout::of(const CncConfig& config) {
    if (config.to_driver_buffer_length < default_to_driver_buffer_length ||
        !is_section_of_power_of_two(config.to_driver_buffer_length, RingTrailer::length)) {
        return invalid("to-driver buffer length", config.to_driver_buffer_length,
                       "a power of two from 1048576, plus 768");
    }
    if (config.to_clients_buffer_length < default_to_clients_buffer_length ||
        !is_section_of_power_of_two(config.to_clients_buffer_length, BroadcastTrailer::length)) {
        return invalid("to-clients buffer length", config.to_clients_buffer_length,
                       "a power of two from 1048576, plus 128");
    }
    if (config.counters_values_buffer_length < min_counters_values_buffer_length ||
        config.counters_values_buffer_length > max_counters_values_buffer_length ||
        config.counters_values_buffer_length % static_cast<std::int32_t>(sizeof(CounterValuesRecord)) != 0) {
        return invalid("counters buffer length", config.counters_values_buffer_length,
                       "a multiple of 128 from 1048576 to 524288000");
    }
    if (config.error_log_buffer_length < default_error_log_buffer_length ||
        config.error_log_buffer_length % error_log_alignment != 0) {
        return invalid("error buffer length", config.error_log_buffer_length, "a multiple of 8 from 4194304");
    }
    if (config.file_page_size < min_file_page_size || config.file_page_size > max_file_page_size ||
        !is_power_of_two(config.file_page_size)) {
        return invalid("file page size", config.file_page_size, "a power of two from 4096 to 1073741824");
    }
    if (config.client_liveness_timeout_ns <= 0) {
        return invalid("client liveness timeout in ns", config.client_liveness_timeout_ns, "a positive duration");
    }
    const CncLayout layout = place(config.to_driver_buffer_length, config.to_clients_buffer_length,
                                   metadata_to_values_ratio * config.counters_values_buffer_length,
                                   config.counters_values_buffer_length, config.error_log_buffer_length);
    const std::int64_t file_length = cnc_file_length(layout, config.file_page_size);
    if (file_length > std::numeric_limits<std::int32_t>::max()) {
        return invalid("length of cnc.dat", file_length, "at most 2147483647: make its buffers smaller");
    }
    return layout;
}

Result<CncLayout> CncLayout::of(const CncHeader& header, const std::string& path) {
    if (!is_section_of_power_of_two(header.to_driver_buffer_length, RingTrailer::length)) {
        return malformed(path, "to-driver buffer length", header.to_driver_buffer_length,
                         "a power of two from 8, plus 768");
    }
    if (!is_section_of_power_of_two(header.to_clients_buffer_length, BroadcastTrailer::length)) {
        return malformed(path, "to-clients buffer length", header.to_clients_buffer_length,
                         "a power of two from 8, plus 128");
    }
    // A multiple of 8 keeps every atomic field behind it aligned; room for fewer than a whole record is harmless.
    if (header.counters_values_buffer_length < 0 || header.counters_values_buffer_length % 8 != 0) {
        return malformed(path, "counters values buffer length", header.counters_values_buffer_length,
                         "a multiple of 8 that is not negative");
    }
    if (header.counters_metadata_buffer_length != metadata_to_values_ratio * header.counters_values_buffer_length) {
        return malformed(path, "counters metadata buffer length", header.counters_metadata_buffer_length,
                         fmt::format("4 times the values length of {}", header.counters_values_buffer_length));
    }
    if (header.error_log_buffer_length < 0) {
        return malformed(path, "error log buffer length", header.error_log_buffer_length, "not negative");
    }
    return place(header.to_driver_buffer_length, header.to_clients_buffer_length,
                 header.counters_metadata_buffer_length, header.counters_values_buffer_length,
                 header.error_log_buffer_length);
}

std::int64_t cnc_file_length(const CncLayout& layout, const std::int32_t file_page_size) noexcept {
    return align_up<std::int64_t>(layout.end(), file_page_size);
}

}  // namespace cpperon::shm
