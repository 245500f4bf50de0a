#include "cpperon/logbuffer/buffer_builder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "cpperon/base/error.hpp"

namespace cpperon::logbuffer {

namespace {

constexpr std::size_t min_capacity = 4'096;
constexpr std::size_t max_capacity = std::numeric_limits<std::int32_t>::max() - 8;

}  // namespace

std::size_t grown_capacity(std::size_t capacity, const std::size_t required) {
    if (required > max_capacity) {
        throw InvalidArgumentError("cannot assemble a message of " + std::to_string(required) + " bytes: at most " +
                                   std::to_string(max_capacity) + " are possible");
    }
    while (capacity < required) {
        capacity = std::clamp(capacity + capacity / 2, min_capacity, max_capacity);
    }
    return capacity;
}

BufferBuilder::BufferBuilder(const std::size_t initial_capacity) {
    if (initial_capacity > 0) {
        bytes_.reset(new std::byte[initial_capacity]);
        capacity_ = initial_capacity;
    }
}

void BufferBuilder::reset() noexcept {
    length_ = 0;
    next_term_offset_ = -1;
}

void BufferBuilder::begin(const std::span<const std::byte> fragment, const Header& header) {
    reset();
    append(fragment);
    first_header_ = HeaderAccess::frame(header);
    expect_after(header);
}

void BufferBuilder::append(const std::span<const std::byte> fragment) {
    if (fragment.empty()) {
        return;
    }
    ensure_capacity(length_ + fragment.size());
    std::memcpy(bytes_.get() + length_, fragment.data(), fragment.size());
    length_ += fragment.size();
}

Header BufferBuilder::assembled_header(const Header& last) noexcept {
    message_header_ = first_header_;
    message_header_.frame_length = static_cast<std::int32_t>(length_ + sizeof(DataHeader));
    message_header_.flags = static_cast<std::uint8_t>(first_header_.flags | last.flags());
    // The fragments lie one behind the other in one term, so what they take together is where the last one ends less
    // where the first one starts; whatever their lengths are, and however they came to be. spec: 03 §18
    const auto taken = static_cast<std::int32_t>(std::int64_t{last.next_term_offset()} - first_header_.term_offset);
    return HeaderAccess::make_assembled(message_header_, taken, last);
}

void BufferBuilder::ensure_capacity(const std::size_t required) {
    if (required <= capacity_) {
        return;
    }
    const std::size_t capacity = grown_capacity(capacity_, required);
    std::unique_ptr<std::byte[]> bytes{new std::byte[capacity]};  // NOLINT(modernize-avoid-c-arrays)
    if (length_ > 0) {
        std::memcpy(bytes.get(), bytes_.get(), length_);
    }
    bytes_ = std::move(bytes);
    capacity_ = capacity;
}

}  // namespace cpperon::logbuffer
