/// Messages whose every byte follows from who sent them and which one they are, so that a receiver in another process
/// can tell whether they arrived once, in order and unchanged. For the system tests and their peer program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cpperon::system_test {

struct MessageIdentity {
    std::int64_t source = 0;
    std::int64_t number = 0;
};

inline constexpr std::size_t min_numbered_length = sizeof(MessageIdentity);

/// The whole message, from `min_numbered_length` to `max_length` bytes long.
inline std::vector<std::byte> numbered_message(const MessageIdentity identity, const std::size_t max_length) {
    // splitmix64: each output differs wildly from those of its neighbours.
    std::uint64_t state =
        static_cast<std::uint64_t>(identity.source) * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(identity.number);
    const auto next = [&state] {
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    };
    std::vector<std::byte> message(min_numbered_length + next() % (max_length - min_numbered_length + 1));
    std::memcpy(message.data(), &identity, sizeof identity);
    for (std::size_t i = min_numbered_length; i < message.size(); ++i) {
        message[i] = static_cast<std::byte>(next());
    }
    return message;
}

/// Checks what arrives from any number of sources, each numbering its messages from 0.
class NumberedMessages {
public:
    explicit NumberedMessages(const std::size_t max_length) : max_length_(max_length) {}

    void on_message(const std::span<const std::byte> message) {
        MessageIdentity identity;
        if (message.size() < sizeof identity) {
            note("a message of " + std::to_string(message.size()) + " bytes");
            return;
        }
        std::memcpy(&identity, message.data(), sizeof identity);
        const std::string name =
            "message " + std::to_string(identity.number) + " of source " + std::to_string(identity.source);
        std::int64_t& expected_number = counts_[identity.source];
        if (identity.number != expected_number) {
            note(name + " instead of message " + std::to_string(expected_number));
            return;
        }
        const std::vector<std::byte> expected = numbered_message(identity, max_length_);
        if (message.size() != expected.size() || std::memcmp(message.data(), expected.data(), expected.size()) != 0) {
            note(name + " with other bytes");
            return;
        }
        ++expected_number;
        ++total_;
    }

    /// How many arrived as they should.
    [[nodiscard]] std::int64_t total() const noexcept { return total_; }
    [[nodiscard]] const std::map<std::int64_t, std::int64_t>& counts_by_source() const noexcept { return counts_; }
    /// What was wrong first.
    [[nodiscard]] const std::optional<std::string>& mistake() const noexcept { return mistake_; }

private:
    void note(const std::string& mistake) {
        if (!mistake_) {
            mistake_ = mistake;
        }
    }

    std::size_t max_length_;
    std::map<std::int64_t, std::int64_t> counts_;
    std::int64_t total_ = 0;
    std::optional<std::string> mistake_;
};

}  // namespace cpperon::system_test
