/// Numbered messages from one publication to any number of subscriptions, all in the test's thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/numbered_messages.hpp"
#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {

/// What is sent: messages of 16 to `max_length` bytes.
struct Traffic {
    std::int64_t count = 0;
    std::size_t max_length = 0;
    bool is_claimed = false;  ///< by claims instead of offers
};

/// Reads one subscription and checks what comes.
class Reader {
public:
    Reader(Subscription subscription, const std::size_t max_length)
        : subscription_(std::move(subscription)), received_(max_length) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() = default;

    int poll() { return subscription_.poll(assembler_, 50); }
    [[nodiscard]] const NumberedMessages& received() const noexcept { return received_; }

private:
    using Handler = std::function<void(std::span<const std::byte>, const Header&)>;

    Subscription subscription_;
    NumberedMessages received_;
    FragmentAssembler<Handler> assembler_{
        [this](const std::span<const std::byte> message, const Header&) { received_.on_message(message); }};
};

/// Sends what `traffic` says and receives it everywhere.
class Transfer {
public:
    explicit Transfer(const Traffic traffic) : traffic_(traffic) {}

    void add_reader(const Subscription& subscription) {
        readers_.push_back(std::make_unique<Reader>(subscription, traffic_.max_length));
    }

    /// One offer or claim, and a poll of each reader. False once everything has arrived, or nothing more can.
    template <typename AnyPublication>
    bool step(const AnyPublication& publication) {
        bool is_progress = sent_ < traffic_.count && try_send(publication);
        for (const auto& reader : readers_) {
            is_progress |= reader->poll() > 0;
        }
        if (!is_progress) {
            std::this_thread::yield();
        }
        return !failure_ && std::any_of(readers_.begin(), readers_.end(), [&](const auto& reader) {
            return reader->received().total() < traffic_.count && !reader->received().mistake();
        });
    }

    /// Every reader has got each message once, in order and unchanged.
    void expect_complete() const {
        EXPECT_EQ(failure_, std::nullopt);
        EXPECT_EQ(sent_, traffic_.count);
        for (const auto& reader : readers_) {
            EXPECT_EQ(reader->received().mistake(), std::nullopt);
            EXPECT_EQ(reader->received().total(), traffic_.count);
            EXPECT_EQ(reader->poll(), 0);
        }
    }

private:
    template <typename AnyPublication>
    bool try_send(const AnyPublication& publication) {
        if (message_.empty()) {
            message_ = numbered_message({.source = 1, .number = sent_}, traffic_.max_length);
        }
        OfferResult result = OfferStatus::closed;
        if (traffic_.is_claimed) {
            BufferClaim claim = publication.try_claim(message_.size());
            result = claim.result();
            if (claim) {
                std::memcpy(claim.data().data(), message_.data(), message_.size());
                claim.commit();
            }
        } else {
            result = publication.offer(message_);
        }
        if (result) {
            ++sent_;
            message_.clear();
        } else if (!result.is_retryable()) {
            failure_ = result.status();
        }
        return static_cast<bool>(result);
    }

    Traffic traffic_;
    std::vector<std::byte> message_;
    std::int64_t sent_ = 0;
    std::optional<OfferStatus> failure_;
    std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace cpperon::system_test
