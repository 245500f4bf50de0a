/// Publishers, a reader and the conductor's part on one log, on real threads: the lock-free rules under load. The log
/// is small and goes round many times.
#include <atomic>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/exclusive_appender.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/publication_limit.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

constexpr std::int32_t messages_per_publisher = 10'000;

/// What each message carries: who sent it, which one it is, then filler that depends on both.
struct Stamp {
    std::int32_t publisher;
    std::int32_t sequence;
};

std::byte filler_of(const Stamp stamp) {
    return static_cast<std::byte>((stamp.publisher * 31 + stamp.sequence) & 0xFF);
}

template <typename Appender>
void publish(Appender& appender, const std::int32_t publisher, const unsigned seed) {
    std::mt19937 random{seed + static_cast<unsigned>(publisher)};
    std::vector<std::byte> message(5'000);
    for (std::int32_t sequence = 0; sequence < messages_per_publisher; ++sequence) {
        const Stamp stamp{publisher, sequence};
        const bool is_fragmented = random() % 64 == 0;
        const std::size_t length = sizeof(Stamp) + random() % (is_fragmented ? 4'000 : 200);
        std::memset(message.data(), std::to_integer<int>(filler_of(stamp)), length);
        std::memcpy(message.data(), &stamp, sizeof stamp);
        while (true) {
            const OfferResult result = appender.offer(std::span<const std::byte>{message}.first(length));
            if (result) {
                break;
            }
            ASSERT_TRUE(result.is_retryable()) << to_string(result.status());
            std::this_thread::yield();
        }
    }
}

/// Reads all, and does in between what the conductor does.
void consume(TestLog& log, std::int64_t& subscriber_position, const std::int32_t publishers) {
    ImageReader reader{log.view(), subscriber_position, 1};
    TermCleaner cleaner{log.view(), 0};
    IpcPublicationLimit limit{0, 32'768};
    std::vector<std::int32_t> next(static_cast<std::size_t>(publishers), 0);
    std::int64_t messages = 0;
    ImageFragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header&) {
        ASSERT_GE(message.size(), sizeof(Stamp));
        Stamp stamp{};
        std::memcpy(&stamp, message.data(), sizeof stamp);
        ASSERT_GE(stamp.publisher, 0);
        ASSERT_LT(stamp.publisher, publishers);
        EXPECT_EQ(stamp.sequence, next[static_cast<std::size_t>(stamp.publisher)]++) << "each once and in order";
        for (const std::byte byte : message.subspan(sizeof(Stamp))) {
            ASSERT_EQ(byte, filler_of(stamp));
        }
        ++messages;
    }};
    std::int64_t expected_position = 0;
    const auto check_frame = [&](const std::span<const std::byte> fragment, const Header& header) {
        // A committed frame has its whole header, and frames tile the term.
        EXPECT_EQ(header.session_id(), log.params.session_id);
        EXPECT_EQ(header.stream_id(), log.params.stream_id);
        EXPECT_EQ(header.type(), data_type);
        EXPECT_EQ(header.term_id(), term_id_of_position(expected_position, 16, log.params.initial_term_id));
        EXPECT_EQ(header.term_offset(), term_offset_of_position(expected_position, 65'536));
        EXPECT_EQ(header.frame_length(), static_cast<std::int32_t>(fragment.size()) + 32);
        expected_position = header.position();
        assembler(fragment, header);
    };
    while (messages < std::int64_t{publishers} * messages_per_publisher && !testing::Test::HasFailure()) {
        if (const auto published = limit.update(PositionRange{subscriber_position, subscriber_position}, cleaner)) {
            store_release(log.limit, *published);
        }
        if (reader.poll(check_frame, 50) == 0) {
            std::this_thread::yield();
        }
        expected_position = subscriber_position;  // a poll may have ended behind padding
    }
    if (testing::Test::HasFailure()) {
        store_release(log.limit, INT64_MAX / 2);  // lets the publishers end
    }
}

// spec: 03-C23, 03-C27
TEST(LogStress, DeliversWhatManyPublishersOfferOnceAndInOrder) {
    constexpr std::int32_t publishers = 4;
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestLog log;
    log.limit = 0;
    ConcurrentAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};

    std::vector<std::thread> threads;
    threads.reserve(publishers);
    for (std::int32_t publisher = 0; publisher < publishers; ++publisher) {
        threads.emplace_back([&, publisher] { publish(appender, publisher, seed); });
    }
    consume(log, log.subscriber_position, publishers);
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_GT(log.metadata().active_term_count, 30) << "the partitions were used many times";
}

// spec: 03-C27
TEST(LogStress, DeliversWhatAnExclusivePublisherOffers) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestLog log;
    log.limit = 0;
    ExclusiveAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};
    std::thread publisher{[&] { publish(appender, 0, seed); }};
    consume(log, log.subscriber_position, 1);
    publisher.join();
}

// spec: 03-C63
TEST(LogStress, StoresNoPositionAfterACloseByAnotherThread) {
    for (int round = 0; round < 200; ++round) {
        TestLog log;
        for (std::int32_t offset = 0; offset < 32'768; offset += 32) {
            log.put_frame(0, offset, 32);
        }
        ImageReader reader{log.view(), log.subscriber_position, 1};
        std::atomic<bool> has_begun{false};
        std::thread poller{[&] {
            while (!reader.is_closed() && load_relaxed(log.subscriber_position) < 32'768) {
                reader.poll([&](auto, const Header&) { has_begun.store(true, std::memory_order_relaxed); }, 3);
            }
        }};
        while (!has_begun.load(std::memory_order_relaxed)) {
            std::this_thread::yield();
        }
        reader.close();
        poller.join();
        EXPECT_EQ(reader.poll([](auto, const Header&) {}, 10), 0);
        EXPECT_LE(reader.position(), log.subscriber_position);
    }
}

}  // namespace
}  // namespace cpperon::logbuffer
