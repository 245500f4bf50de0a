/// A log as mapped by somebody: its three terms and metadata, checked once. What appenders, readers and the driver's
/// algorithms are built on; a small value to copy. spec: 03 §2, §3
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/logbuffer/layout.hpp"

namespace cpperon::logbuffer {

/// The geometry is copied when the view is made, so that a peer that scribbles over the metadata later cannot change
/// what was checked. Borrows the mapping: valid as long as the bytes it was made from.
/// Threads: immutable after construction; the memory behind it is shared.
class LogView {
public:
    /// Checks length, term length, page size and MTU of the log that fills `bytes`, which must be aligned to 64.
    /// Anything that does not fit is `malformed_file`; `name` is for the message. spec: 03 §2.3
    [[nodiscard]] static Result<LogView> attach(std::span<std::byte> bytes, std::string_view name);

    /// All three partitions in a row: partition `i` starts at `i * term_length()`.
    [[nodiscard]] std::byte* terms() const noexcept { return terms_; }
    /// Partition `index`, 0..2.
    [[nodiscard]] std::span<std::byte> term(const std::int32_t index) const noexcept {
        return {terms_ + (static_cast<std::size_t>(index) << position_bits_to_shift_),
                static_cast<std::size_t>(term_length_)};
    }
    [[nodiscard]] LogMetadata& metadata() const noexcept { return *metadata_; }

    [[nodiscard]] std::int32_t term_length() const noexcept { return term_length_; }
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return position_bits_to_shift_; }
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return initial_term_id_; }
    [[nodiscard]] std::int32_t mtu_length() const noexcept { return mtu_length_; }
    [[nodiscard]] std::int32_t page_size() const noexcept { return page_size_; }
    [[nodiscard]] std::int32_t max_payload_length() const noexcept {
        return logbuffer::max_payload_length(mtu_length_);
    }
    [[nodiscard]] std::int32_t max_message_length() const noexcept {
        return logbuffer::max_message_length(term_length_);
    }
    [[nodiscard]] std::int64_t max_possible_position() const noexcept {
        return logbuffer::max_possible_position(term_length_);
    }

private:
    LogView(std::byte* terms, LogMetadata& metadata) noexcept;

    std::byte* terms_;
    LogMetadata* metadata_;
    std::int32_t term_length_;
    std::int32_t position_bits_to_shift_;
    std::int32_t initial_term_id_;
    std::int32_t mtu_length_;
    std::int32_t page_size_;
};

}  // namespace cpperon::logbuffer
