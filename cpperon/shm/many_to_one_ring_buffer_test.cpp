#include "cpperon/shm/many_to_one_ring_buffer.hpp"

#include <array>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::shm {
namespace {

using test::from_hex;
using test::SharedSection;
using test::to_hex;
using ::testing::ElementsAre;

/// A ring of 1,024 bytes, as in the worked example.
class RingBuffer : public ::testing::Test {
protected:
    static constexpr std::size_t capacity = 1'024;

    RingWriteResult write(const std::int32_t type_id, const std::size_t length) {
        return ring.write(type_id, std::vector<std::byte>(length));
    }
    int consume(const int limit) {
        return ring.consume([this](const std::int32_t type_id, auto) { types.push_back(type_id); }, limit);
    }
    std::string hex(const std::size_t offset, const std::size_t length) {
        return to_hex(section.bytes(offset, length));
    }
    std::int64_t& tail() { return section.word(capacity + 128); }
    std::int64_t& head_cache() { return section.word(capacity + 256); }
    std::int64_t& head() { return section.word(capacity + 384); }
    bool all_records_are_zero() {
        for (const std::byte b : section.bytes(0, capacity)) {
            if (b != std::byte{}) {
                return false;
            }
        }
        return true;
    }
    void expect_positions(const std::int64_t tail_position, const std::int64_t head_cache_position,
                          const std::int64_t head_position) {
        EXPECT_EQ(tail(), tail_position);
        EXPECT_EQ(head_cache(), head_cache_position);
        EXPECT_EQ(head(), head_position);
    }

    SharedSection section{capacity + 768};
    ManyToOneRingBuffer ring{section.bytes()};
    std::vector<std::int32_t> types;
};

// spec: 01-C16, 01-C19
TEST_F(RingBuffer, GoesThroughTheWorkedExample) {
    EXPECT_EQ(ring.write(7, from_hex("00 01 02 03 04")), RingWriteResult::written);
    expect_positions(16, 0, 0);
    EXPECT_EQ(hex(0, 16), "0d000000 07000000 00010203 04000000");

    EXPECT_EQ(write(7, 0), RingWriteResult::written);
    expect_positions(24, 0, 0);
    EXPECT_EQ(hex(16, 8), "08000000 07000000");

    EXPECT_EQ(write(7, 129), RingWriteResult::message_too_long);
    EXPECT_EQ(write(0, 4), RingWriteResult::invalid_type_id);
    EXPECT_EQ(write(-1, 4), RingWriteResult::invalid_type_id);
    expect_positions(24, 0, 0);

    for (int i = 0; i < 7; ++i) {
        EXPECT_EQ(write(7, 120), RingWriteResult::written);
    }
    expect_positions(920, 0, 0);
    EXPECT_EQ(write(7, 96), RingWriteResult::written);
    expect_positions(1'024, 0, 0);
    EXPECT_EQ(write(7, 0), RingWriteResult::full);
    expect_positions(1'024, 0, 0);

    EXPECT_EQ(consume(2), 2);
    expect_positions(1'024, 0, 24);
    EXPECT_EQ(hex(0, 24), "00000000 00000000 00000000 00000000 00000000 00000000");
    EXPECT_EQ(write(7, 20), RingWriteResult::full);
    expect_positions(1'024, 0, 24);
    EXPECT_EQ(consume(3), 3);
    EXPECT_EQ(consume(100), 5);
    expect_positions(1'024, 0, 1'024);

    const RingClaim aborted = ring.try_claim(9, 20);
    EXPECT_EQ(aborted.offset, 8);
    expect_positions(1'056, 1'024, 1'024);
    EXPECT_EQ(hex(0, 8), "e4ffffff 09000000");
    EXPECT_EQ(consume(100), 0);
    expect_positions(1'056, 1'024, 1'024);
    EXPECT_TRUE(ring.abort(8));
    EXPECT_EQ(hex(0, 8), "1c000000 ffffffff");
    EXPECT_EQ(consume(100), 0);
    expect_positions(1'056, 1'024, 1'056);

    EXPECT_TRUE(ring.try_claim(9, 20));
    EXPECT_TRUE(ring.unblock());
    expect_positions(1'088, 1'024, 1'056);
    EXPECT_EQ(hex(32, 8), "1c000000 ffffffff");
    EXPECT_EQ(consume(100), 0);
    expect_positions(1'088, 1'024, 1'088);

    tail() += 32;  // a producer dies right after moving the tail
    EXPECT_EQ(write(7, 4), RingWriteResult::written);
    EXPECT_TRUE(ring.unblock());
    expect_positions(1'136, 1'024, 1'088);
    EXPECT_EQ(hex(64, 8), "20000000 ffffffff");
    EXPECT_EQ(consume(100), 1);
    expect_positions(1'136, 1'024, 1'136);

    tail() += 32;  // another one, with nothing behind it
    EXPECT_FALSE(ring.unblock());
    expect_positions(1'168, 1'024, 1'136);
}

// spec: 01-C16
TEST_F(RingBuffer, WrapsOverAPaddingRecord) {
    tail() = head() = head_cache() = 1'000;

    EXPECT_EQ(write(5, 20), RingWriteResult::written);
    expect_positions(1'056, 1'000, 1'000);
    EXPECT_EQ(hex(1'000, 8), "18000000 ffffffff");
    EXPECT_EQ(hex(0, 8), "1c000000 05000000");

    EXPECT_EQ(consume(10), 0);
    EXPECT_EQ(head(), 1'024);
    EXPECT_EQ(consume(10), 1);
    EXPECT_EQ(head(), 1'056);
    EXPECT_TRUE(all_records_are_zero());
}

// spec: 01-C21
TEST_F(RingBuffer, TakesAnEighthOfItsCapacityAndNoMore) {
    EXPECT_EQ(ring.max_message_length(), 128);
    EXPECT_EQ(write(1, 128), RingWriteResult::written);
    EXPECT_EQ(write(1, 129), RingWriteResult::message_too_long);
    EXPECT_EQ(write(0, 1), RingWriteResult::invalid_type_id);
    EXPECT_EQ(ring.try_claim(1, 129).result, RingWriteResult::message_too_long);
    EXPECT_EQ(ring.try_claim(1, -1).result, RingWriteResult::message_too_long);
    EXPECT_EQ(ring.try_claim(0, 1).result, RingWriteResult::invalid_type_id);
    EXPECT_EQ(tail(), 136);
}

TEST_F(RingBuffer, IsFullWhenTheFreeBytesAreSplitBetweenEndAndStart) {
    tail() = 1'000;
    head() = head_cache() = 16;  // 24 bytes free at the end, 16 at the start

    EXPECT_EQ(write(1, 20), RingWriteResult::full);  // needs 32 in one piece
    EXPECT_EQ(tail(), 1'000);
    EXPECT_EQ(write(1, 16), RingWriteResult::written);
    EXPECT_EQ(tail(), 1'024);
}

TEST_F(RingBuffer, CommitsAClaimWithItsPayload) {
    const RingClaim claim = ring.try_claim(3, 5);
    ASSERT_TRUE(claim);
    ASSERT_EQ(claim.payload.size(), 5U);
    std::memcpy(claim.payload.data(), "abcde", 5);

    EXPECT_TRUE(ring.commit(claim.offset));

    std::string received;
    EXPECT_EQ(ring.consume([&](auto, const auto payload) { received = test::text_of(payload); }, 1), 1);
    EXPECT_EQ(received, "abcde");
}

TEST_F(RingBuffer, RejectsCommitAndAbortOfWhatIsNoOpenClaim) {
    const RingClaim claim = ring.try_claim(3, 8);
    for (const std::int32_t offset : {-8, 0, 7, 9, 12, 16, 1'024, 1'025, 1'032, INT32_MIN, INT32_MAX}) {
        EXPECT_FALSE(ring.commit(offset)) << offset;
        EXPECT_FALSE(ring.abort(offset)) << offset;
    }
    EXPECT_TRUE(ring.commit(claim.offset));
    EXPECT_FALSE(ring.commit(claim.offset));
    EXPECT_FALSE(ring.abort(claim.offset));
}

TEST_F(RingBuffer, RejectsACommitThatComesAfterTheUnblock) {
    const RingClaim claim = ring.try_claim(3, 8);

    EXPECT_TRUE(ring.unblock());
    EXPECT_FALSE(ring.commit(claim.offset));
    EXPECT_EQ(consume(10), 0);
    EXPECT_FALSE(ring.commit(claim.offset));
    EXPECT_TRUE(all_records_are_zero());
}

TEST_F(RingBuffer, DoesNotUnblockAnEmptyRingOrACompleteRecord) {
    EXPECT_FALSE(ring.unblock());
    static_cast<void>(write(1, 8));
    EXPECT_FALSE(ring.unblock());
    EXPECT_EQ(consume(1), 1);
}

TEST_F(RingBuffer, UnblocksAHoleUpToTheEndOfTheBufferWhenTheTailHasWrapped) {
    tail() = head() = head_cache() = 960;
    tail() += 32;  // dead producer at 960; the next record is at 992 and wraps behind itself
    EXPECT_EQ(write(1, 24), RingWriteResult::written);
    EXPECT_EQ(write(1, 8), RingWriteResult::written);  // at 0
    ASSERT_EQ(tail(), 1'040);

    EXPECT_TRUE(ring.unblock());

    EXPECT_EQ(hex(960, 8), "20000000 ffffffff");
    EXPECT_EQ(consume(10), 1);
    EXPECT_EQ(consume(10), 1);
}

// spec: 01-C20
TEST_F(RingBuffer, RedeliversAnAbortedMessage) {
    static_cast<void>(write(1, 8));
    static_cast<void>(write(2, 8));
    static_cast<void>(write(3, 8));
    std::vector<std::int32_t> seen;

    const int consumed = ring.controlled_consume(
        [&](const std::int32_t type_id, auto) {
            seen.push_back(type_id);
            return type_id == 2 ? ControlledAction::abort : ControlledAction::continue_;
        },
        10);

    EXPECT_EQ(consumed, 1);
    EXPECT_EQ(head(), 16);
    const int rest = ring.controlled_consume(
        [&](const std::int32_t type_id, auto) {
            seen.push_back(type_id);
            return ControlledAction::continue_;
        },
        10);
    EXPECT_EQ(rest, 2);
    EXPECT_THAT(seen, ElementsAre(1, 2, 2, 3));
}

TEST_F(RingBuffer, BreaksAndCommitsAsTheHandlerSays) {
    for (int i = 1; i <= 4; ++i) {
        static_cast<void>(write(i, 8));
    }
    std::vector<std::int64_t> heads;

    const int consumed = ring.controlled_consume(
        [&](const std::int32_t type_id, auto) {
            heads.push_back(head());
            return type_id == 1   ? ControlledAction::commit
                   : type_id == 3 ? ControlledAction::break_
                                  : ControlledAction::continue_;
        },
        10);

    EXPECT_EQ(consumed, 3);
    EXPECT_THAT(heads, ElementsAre(0, 16, 16));
    EXPECT_EQ(head(), 48);
    EXPECT_EQ(consume(10), 1);
    EXPECT_TRUE(all_records_are_zero());
}

TEST_F(RingBuffer, ConsumesTheMessageWhoseHandlerThrows) {
    static_cast<void>(write(1, 8));
    static_cast<void>(write(2, 8));

    EXPECT_THROW(ring.consume([](auto, auto) { throw std::runtime_error("handler"); }, 10), std::runtime_error);

    EXPECT_EQ(head(), 16);
    EXPECT_EQ(consume(10), 1);
    EXPECT_THAT(types, ElementsAre(2));
}

TEST_F(RingBuffer, DrawsIdsAndTellsTheHeartbeat) {
    EXPECT_EQ(ring.next_correlation_id(), 0);
    EXPECT_EQ(ring.next_correlation_id(), 1);
    EXPECT_EQ(section.word(capacity + 512), 2);

    EXPECT_EQ(ring.consumer_heartbeat_ms(), 0);
    ring.set_consumer_heartbeat_ms(-1);
    EXPECT_EQ(section.word(capacity + 640), -1);
    EXPECT_EQ(ring.consumer_heartbeat_ms(), -1);
}

TEST(RingBufferSection, MustBeAPowerOfTwoPlusTheTrailer) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{768}, std::size_t{772}, std::size_t{768 + 24}}) {
        SharedSection section{length + 8};
        EXPECT_THROW(ManyToOneRingBuffer{section.bytes(0, length)}, InvalidArgumentError) << length;
    }
    SharedSection section{1'024 + 768 + 8};
    EXPECT_THROW(ManyToOneRingBuffer{section.bytes(4, 1'024 + 768)}, InvalidArgumentError);
}

TEST(RingBufferSection, OfEightBytesCarriesOnlyEmptyMessages) {
    SharedSection section{8 + 768};
    ManyToOneRingBuffer ring{section.bytes()};

    EXPECT_EQ(ring.max_message_length(), 0);
    EXPECT_EQ(ring.write(1, std::array<std::byte, 1>{}), RingWriteResult::message_too_long);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ring.write(1, {}), RingWriteResult::written);
        EXPECT_EQ(ring.write(1, {}), RingWriteResult::full);
        EXPECT_EQ(ring.consume([](auto, auto) {}, 10), 1);
    }
}

// Records that no producer of ours writes, but another process could.

TEST_F(RingBuffer, SkipsTheRestOfTheLapAfterALengthBeyondTheEnd) {
    static_cast<void>(write(1, 8));
    section.word(0) = (std::int64_t{1} << 32) | 0x7fff'ffff;

    EXPECT_EQ(consume(10), 0);

    EXPECT_EQ(ring.malformed_records(), 1);
    EXPECT_EQ(head(), 1'024);
    EXPECT_TRUE(all_records_are_zero());
}

TEST_F(RingBuffer, SkipsARecordThatIsShorterThanItsHeaderOrLongerThanAllowed) {
    section.word(0) = (std::int64_t{1} << 32) | 3;
    section.word(8) = (std::int64_t{1} << 32) | (8 + 129);
    tail() = 8 + 144;
    static_cast<void>(write(2, 8));

    EXPECT_EQ(consume(10), 1);

    EXPECT_THAT(types, ElementsAre(2));
    EXPECT_EQ(ring.malformed_records(), 2);
}

TEST_F(RingBuffer, UnblocksAClaimOfImpossibleLength) {
    section.word(0) = (std::int64_t{1} << 32) | 0x8000'0000;
    tail() = 8;

    EXPECT_TRUE(ring.unblock());

    EXPECT_EQ(consume(10), 0);
    EXPECT_EQ(head(), 1'024);
}

TEST(RingBufferRobustness, SurvivesAnyContents) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    SharedSection section{256 + 768};
    const std::array<std::int64_t, 8> awkward{0, 1, -1, 7, 256, INT64_MAX, INT64_MIN, INT64_MAX - 3};

    for (int round = 0; round < 2'000; ++round) {
        for (std::size_t offset = 0; offset < 256 + 768; offset += 8) {
            const auto any = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | random());
            section.word(offset) = random() % 2 == 0 ? 0 : random() % 2 == 0 ? any : awkward[random() % 8];
        }
        ManyToOneRingBuffer ring{section.bytes()};
        for (int i = 0; i < 20; ++i) {
            const std::vector<std::byte> payload(random() % 40);
            static_cast<void>(ring.write(static_cast<std::int32_t>(random() % 3), payload));
            const RingClaim claim = ring.try_claim(1, static_cast<std::int32_t>(random() % 33));
            if (claim) {
                std::memset(claim.payload.data(), 0x55, claim.payload.size());
                static_cast<void>(ring.commit(claim.offset));
            }
            ring.unblock();
            std::size_t seen = 0;
            ring.consume([&](auto, const auto bytes) { seen += test::to_hex(bytes).size(); }, 10);
        }
    }
}

// spec: 01-C17
TEST(RingBufferStress, FourProducersLoseAndTearNothing) {
    constexpr int producers = 4;
    constexpr std::int64_t messages_each = test::is_sanitized ? 50'000 : 1'000'000;
    SharedSection section{64 * 1'024 + 768};
    ManyToOneRingBuffer ring{section.bytes()};
    /// Producer, sequence number, then bytes that follow from both.
    struct Message {
        std::int64_t producer = 0;
        std::int64_t sequence = 0;
        std::array<std::uint8_t, 64> filling{};
    };
    const auto length_of = [](const Message& message) {
        return static_cast<std::size_t>(16 + (message.sequence * 7 + message.producer) % 65);
    };
    const auto filling_of = [](const Message& message) {
        return static_cast<std::uint8_t>(message.sequence * 31 + message.producer);
    };

    std::vector<std::thread> threads;
    for (int producer = 0; producer < producers; ++producer) {
        threads.emplace_back([&, producer] {
            for (std::int64_t sequence = 0; sequence < messages_each; ++sequence) {
                Message message{.producer = producer, .sequence = sequence};
                message.filling.fill(filling_of(message));
                const auto bytes = std::as_bytes(std::span{&message, 1}).first(length_of(message));
                while (ring.write(producer + 1, bytes) != RingWriteResult::written) {
                    std::this_thread::yield();
                }
            }
        });
    }
    std::array<std::int64_t, producers> expected{};
    std::int64_t total = 0;
    std::int64_t wrong = 0;
    while (total < producers * messages_each) {
        const int consumed = ring.consume(
            [&](const std::int32_t type_id, const std::span<const std::byte> payload) {
                Message message;
                std::memcpy(&message, payload.data(), std::min(payload.size(), sizeof message));
                const bool is_known = message.producer >= 0 && message.producer < producers;
                bool is_right = is_known && type_id == message.producer + 1 && payload.size() == length_of(message) &&
                                message.sequence == expected[static_cast<std::size_t>(message.producer)]++;
                for (std::size_t i = 0; i + 16 < payload.size(); ++i) {
                    is_right = is_right && message.filling[i] == filling_of(message);
                }
                wrong += is_right ? 0 : 1;
            },
            64);
        total += consumed;
        if (consumed == 0) {
            std::this_thread::yield();
        }
    }
    for (std::thread& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(total, producers * messages_each);
    EXPECT_EQ(ring.consumer_position(), ring.producer_position());
    EXPECT_EQ(ring.malformed_records(), 0);
}

}  // namespace
}  // namespace cpperon::shm
