#include "sim/ledger.hpp"

#include <algorithm>
#include <cstring>

namespace cpperon::sim {

namespace {

/// splitmix64: each output differs wildly from those of its neighbours.
std::uint64_t mix(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

/// Calls `use(offset, bytes, count)` for each 8 bytes, or fewer, of message `index` of ledger `number`.
template <typename Use>
void for_each_word(const std::uint32_t number, const std::size_t index, const std::size_t length, Use&& use) noexcept {
    const std::uint64_t seed = mix((std::uint64_t{number} << 40U) ^ index);
    for (std::size_t offset = 0; offset < length; offset += 8) {
        const std::uint64_t word = mix(seed ^ offset);
        use(offset, &word, std::min<std::size_t>(8, length - offset));
    }
}

}  // namespace

std::size_t Ledger::append(const LedgerEntry& entry) {
    entries_.push_back(entry);
    return entries_.size() - 1;
}

std::size_t Ledger::next_visible(std::size_t index) const noexcept {
    while (index < entries_.size() && entries_[index].is_void) {
        ++index;
    }
    return index;
}

std::size_t Ledger::first_visible_from(const std::int64_t position) const noexcept {
    const auto found = std::ranges::lower_bound(entries_, position, {}, &LedgerEntry::begin);
    return next_visible(static_cast<std::size_t>(found - entries_.begin()));
}

std::optional<std::size_t> Ledger::find_end(const std::int64_t position) const noexcept {
    const auto found = std::ranges::lower_bound(entries_, position, {}, &LedgerEntry::end);
    return found != entries_.end() && found->end == position
               ? std::optional{static_cast<std::size_t>(found - entries_.begin())}
               : std::nullopt;
}

bool Ledger::is_content_of(const std::size_t index, const std::span<const std::byte> message) const noexcept {
    bool is_equal = message.size() == entries_[index].length;
    for_each_word(number_, index, message.size(),
                  [&](const std::size_t offset, const void* word, const std::size_t count) {
                      is_equal = is_equal && std::memcmp(message.data() + offset, word, count) == 0;
                  });
    return is_equal;
}

void Ledger::fill(const std::size_t index, const std::span<std::byte> message) const noexcept {
    for_each_word(number_, index, message.size(),
                  [&](const std::size_t offset, const void* word, const std::size_t count) {
                      std::memcpy(message.data() + offset, word, count);
                  });
}

Ledger& Ledgers::of(const StreamKey& key) {
    std::unique_ptr<Ledger>& ledger = ledgers_[key];
    if (!ledger) {
        ledger = std::make_unique<Ledger>(key, static_cast<std::uint32_t>(ledgers_.size()));
    }
    return *ledger;
}

Ledger* Ledgers::find(const StreamKey& key) noexcept {
    const auto found = ledgers_.find(key);
    return found != ledgers_.end() ? found->second.get() : nullptr;
}

}  // namespace cpperon::sim
