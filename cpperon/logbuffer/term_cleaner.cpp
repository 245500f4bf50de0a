#include "cpperon/logbuffer/term_cleaner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/thread_sanitizer.hpp"

namespace cpperon::logbuffer {

namespace {

/// From this length on the zeroes go past the cache: nobody reads them for a long time, and they would drive out what
/// subscribers are about to read. Below it, the log as a whole fits the cache and the publisher wants it there.
constexpr std::size_t min_streamed_length = std::size_t{256} * 1024;

/// `begin` is aligned to 8.
void zero(std::byte* const begin, const std::size_t length) noexcept {
#if defined(__SSE2__)
    if (length >= min_streamed_length) {
        constexpr std::size_t block = 16;
        const std::size_t head = reinterpret_cast<std::uintptr_t>(begin) % block == 0 ? 0 : block / 2;
        std::memset(begin, 0, head);
        const std::size_t streamed = (length - head) / block * block;
        const __m128i zeroes = _mm_setzero_si128();
        for (std::size_t i = 0; i < streamed; i += block) {
            _mm_stream_si128(static_cast<__m128i*>(static_cast<void*>(begin + head + i)), zeroes);
        }
        std::memset(begin + head + streamed, 0, length - head - streamed);
        // Streamed stores are not ordered by a release store that follows.
        _mm_sfence();
        return;
    }
#endif
    std::memset(begin, 0, length);
}

}  // namespace

std::int32_t TermCleaner::clean_up_to(const std::int64_t target) noexcept {
    if (target <= position_) {
        return 0;
    }
    // Positions are multiples of the frame alignment; a corrupt one must not move us off it.
    const std::int64_t remaining = (target - position_) & ~std::int64_t{frame_alignment - 1};
    if (remaining == 0) {
        return 0;
    }
    const std::int32_t offset = term_offset_of_position(position_, log_.term_length());
    const std::int64_t length = std::min<std::int64_t>(remaining, log_.term_length() - offset);
    std::byte* const begin = log_.term(index_of_position(position_, log_.position_bits_to_shift())).data() + offset;

    // Whoever writes here again has been told so through a limit in another mapping of the same file; the tool takes
    // two mappings for two memories.
    const UncheckedAccesses unchecked;
    zero(begin + sizeof(std::int64_t), static_cast<std::size_t>(length) - sizeof(std::int64_t));
    // release [term-clean] -> publishers (through the limit), receiver, scans: whoever sees an empty first slot finds
    // everything behind it empty.
    store_release(first_word(begin), 0);
    position_ += length;
    return static_cast<std::int32_t>(length);
}

}  // namespace cpperon::logbuffer
