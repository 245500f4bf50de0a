/// What was published, stream by stream: the truth that subscribers are held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

namespace cpperon::sim {

/// What tells streams apart, wherever they are read.
struct StreamKey {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t initial_term_id = 0;

    friend auto operator<=>(const StreamKey&, const StreamKey&) = default;
};

/// One message: its place in the stream, headers and padding of its own frames included.
struct LedgerEntry {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::size_t length = 0;
    bool is_void = false;  ///< claimed by somebody who died or thought better of it: nobody may see it
};

class Ledger {
public:
    Ledger(const StreamKey& key, const std::uint32_t number) : key_(key), number_(number) {}

    [[nodiscard]] const StreamKey& key() const noexcept { return key_; }
    [[nodiscard]] const std::vector<LedgerEntry>& entries() const noexcept { return entries_; }

    /// The bytes of the message that comes next.
    void fill_next(std::span<std::byte> message) const noexcept { fill(entries_.size(), message); }
    /// Returns its index.
    std::size_t append(const LedgerEntry& entry);
    void make_void(const std::size_t index) noexcept { entries_[index].is_void = true; }

    /// The first message from `index` on that anybody may see; the count of all if there is none.
    [[nodiscard]] std::size_t next_visible(std::size_t index) const noexcept;
    /// The first message that begins at or after `position` and that anybody may see.
    [[nodiscard]] std::size_t first_visible_from(std::int64_t position) const noexcept;
    /// The message that ends at `position`.
    [[nodiscard]] std::optional<std::size_t> find_end(std::int64_t position) const noexcept;
    [[nodiscard]] bool is_content_of(std::size_t index, std::span<const std::byte> message) const noexcept;

    int publishers = 0;      ///< that have it open
    bool is_closed = false;  ///< by all of them, so that everything is to arrive
    bool was_rejected = false;
    bool is_dead = false;  ///< one of them has died, or revoked it

private:
    void fill(std::size_t index, std::span<std::byte> message) const noexcept;

    StreamKey key_;
    std::uint32_t number_;
    std::vector<LedgerEntry> entries_;
};

class Ledgers {
public:
    /// Made at the first call.
    [[nodiscard]] Ledger& of(const StreamKey& key);
    /// Null: nobody ever published it.
    [[nodiscard]] Ledger* find(const StreamKey& key) noexcept;

private:
    std::map<StreamKey, std::unique_ptr<Ledger>> ledgers_;
};

}  // namespace cpperon::sim
