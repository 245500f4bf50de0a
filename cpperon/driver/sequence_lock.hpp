/// A small value that one thread changes as a whole and another reads as a whole, without either waiting: the status
/// message and the gap that the conductor schedules and the receiver sends. spec: 04 §16
///
/// Invariant: `version_` is odd while the value is being written. Both sides touch the words with atomics, so a torn
/// read is no data race, only one that is thrown away.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace cpperon::driver {

template <typename T>
class SequenceLock {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);

public:
    /// The one writer.
    void store(const T& value) noexcept {
        std::array<std::uint64_t, word_count> words;
        std::memcpy(words.data(), &value, sizeof(T));
        // relaxed: this thread is the only writer.
        const std::uint64_t version = version_.load(std::memory_order_relaxed);
        version_.store(version + 1, std::memory_order_relaxed);
        for (std::size_t i = 0; i < word_count; ++i) {
            // release [sequence-lock-begin] -> try_load_newer: who sees a new word sees the odd version.
            words_[i].store(words[i], std::memory_order_release);
        }
        // release [sequence-lock-end] -> try_load_newer: the words are complete before the even version.
        version_.store(version + 2, std::memory_order_release);
    }

    /// One reader: the value if it is newer than the one this reader saw last, unless it is being written right now,
    /// in which case the next call gets it.
    [[nodiscard]] std::optional<T> try_load_newer() noexcept {
        // acquire [sequence-lock-end] <- store
        const std::uint64_t version = version_.load(std::memory_order_acquire);
        if (version == seen_version_ || (version & 1U) != 0) {
            return std::nullopt;
        }
        std::array<std::uint64_t, word_count> words;
        for (std::size_t i = 0; i < word_count; ++i) {
            // acquire [sequence-lock-begin] <- store: a word of a later value brings its odd version along.
            words[i] = words_[i].load(std::memory_order_acquire);
        }
        // relaxed: behind the acquires above.
        if (version_.load(std::memory_order_relaxed) != version) {
            return std::nullopt;
        }
        seen_version_ = version;
        T value;
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof(T));
        return value;
    }

private:
    static constexpr std::size_t word_count = sizeof(T) / sizeof(std::uint64_t);

    std::atomic<std::uint64_t> version_{0};
    std::array<std::atomic<std::uint64_t>, word_count> words_{};
    std::uint64_t seen_version_ = 0;  // reader only
};

}  // namespace cpperon::driver
