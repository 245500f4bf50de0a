#include "cpperon/logbuffer/log_view.hpp"

#include <fmt/format.h>

namespace cpperon::logbuffer {

namespace {

ErrorInfo malformed(const std::string_view name, const std::string& what) {
    return {ErrorCode::malformed_file, fmt::format("'{}' is not a log: {}", name, what)};
}

}  // namespace

Result<LogView> LogView::attach(const std::span<std::byte> bytes, const std::string_view name) {
    constexpr std::int64_t shortest = log_length(min_term_length, 4'096);
    const auto length = static_cast<std::int64_t>(bytes.size());
    if (length < shortest) {
        return malformed(name, fmt::format("its length is {}, at least {} is expected", length, shortest));
    }
    auto& metadata = *static_cast<LogMetadata*>(static_cast<void*>(bytes.data() + (bytes.size() - metadata_length)));
    // The view takes its copy first and the copy is checked: the page may change while we look.
    const LogView view{bytes.data(), metadata};
    if (!is_valid_term_length(view.term_length_)) {
        return malformed(name, fmt::format("its term length is {}, a power of two from {} to {} is expected",
                                           view.term_length_, min_term_length, max_term_length));
    }
    if (!is_valid_page_size(view.page_size_)) {
        return malformed(name, fmt::format("its page size is {}, a power of two from 4096 to 1073741824 is expected",
                                           view.page_size_));
    }
    if (!is_valid_mtu_length(view.mtu_length_)) {
        return malformed(name, fmt::format("its MTU is {}, a multiple of 32 from 64 to {} is expected",
                                           view.mtu_length_, max_mtu_length));
    }
    if (length != log_length(view.term_length_, view.page_size_)) {
        return malformed(
            name, fmt::format("its length is {}, {} is expected for terms of {} and pages of {}", length,
                              log_length(view.term_length_, view.page_size_), view.term_length_, view.page_size_));
    }
    return view;
}

LogView::LogView(std::byte* const terms, LogMetadata& metadata) noexcept
    : terms_(terms),
      metadata_(&metadata),
      term_length_(metadata.term_length),
      position_bits_to_shift_(logbuffer::position_bits_to_shift(term_length_)),
      initial_term_id_(metadata.initial_term_id),
      mtu_length_(metadata.mtu_length),
      page_size_(metadata.page_size) {}

}  // namespace cpperon::logbuffer
