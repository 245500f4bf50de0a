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

/// The bytes of message `index` of ledger `number`, 8 at a time.
class Content {
public:
    Content(const std::uint32_t number, const std::size_t index) noexcept
        : seed_(mix((std::uint64_t{number} << 40U) ^ index)) {}

    [[nodiscard]] std::uint64_t word_at(const std::size_t offset) const noexcept { return mix(seed_ ^ offset); }

private:
    std::uint64_t seed_;
};

constexpr std::size_t word_length = sizeof(std::uint64_t);

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
    if (message.size() != entries_[index].length) {
        return false;
    }
    const Content content{number_, index};
    const std::size_t whole = message.size() / word_length * word_length;
    for (std::size_t offset = 0; offset < whole; offset += word_length) {
        std::uint64_t word = 0;
        std::memcpy(&word, message.data() + offset, word_length);
        if (word != content.word_at(offset)) {
            return false;
        }
    }
    const std::uint64_t last = content.word_at(whole);
    return std::memcmp(message.data() + whole, &last, message.size() - whole) == 0;
}

void Ledger::fill(const std::size_t index, const std::span<std::byte> message) const noexcept {
    const Content content{number_, index};
    const std::size_t whole = message.size() / word_length * word_length;
    for (std::size_t offset = 0; offset < whole; offset += word_length) {
        const std::uint64_t word = content.word_at(offset);
        std::memcpy(message.data() + offset, &word, word_length);
    }
    const std::uint64_t last = content.word_at(whole);
    std::memcpy(message.data() + whole, &last, message.size() - whole);
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
