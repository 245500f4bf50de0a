/// Reads a driver's distinct error log: tools, and a starting driver that saves its predecessor's. spec: 01 §7.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "cpperon/shm/error_log_layout.hpp"

namespace cpperon {

/// One distinct error. `text` lies in the log; it is valid until the handler returns.
struct ErrorObservation {
    std::int32_t count = 0;     ///< 0 for an instant after the first one
    std::int64_t first_ms = 0;  ///< epoch
    std::int64_t last_ms = 0;   ///< epoch
    std::string_view text;
};

/// Walks over one error log section. It owns nothing: the mapping must outlive it. Reads only. An entry with an
/// impossible length ends the log. Threads: any number at the same time, also while a driver records.
class ErrorLogReader {
public:
    /// `section`: 8-byte aligned; throws `InvalidArgumentError` otherwise.
    explicit ErrorLogReader(std::span<const std::byte> section);

    /// Whether there is anything in it.
    [[nodiscard]] bool has_errors() const noexcept { return entry_length_at(0) != 0; }

    /// Calls `handler(const ErrorObservation&)` for each error last seen at or after `since_ms` (epoch), oldest first.
    /// Returns how many there were. spec: 01 §7.3
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const ErrorObservation&>
    int for_each(Handler&& handler, const std::int64_t since_ms = 0) const {
        int reported = 0;
        std::size_t offset = 0;
        for (std::size_t length = entry_length_at(offset); length != 0; length = entry_length_at(offset)) {
            const ErrorObservation observation = observation_at(offset, length);
            if (observation.last_ms >= since_ms) {
                ++reported;
                handler(observation);
            }
            offset += stride_of(length);
        }
        return reported;
    }

private:
    /// 0 where the log ends.
    [[nodiscard]] std::size_t entry_length_at(std::size_t offset) const noexcept;
    [[nodiscard]] ErrorObservation observation_at(std::size_t offset, std::size_t length) const noexcept;
    [[nodiscard]] static std::size_t stride_of(std::size_t length) noexcept;

    std::span<const std::byte> section_;
};

}  // namespace cpperon
