#include "cpperon/driver/native_resource_agent.hpp"

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/hand_over_queue.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/driver/test_directory.hpp"
#include "cpperon/driver/tracked_name_resolver.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"

namespace cpperon::driver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HandOverQueue, KeepsTheOrderAcrossSeveralTakes) {
    HandOverQueue<std::unique_ptr<int>> queue;
    std::deque<std::unique_ptr<int>> taken;
    queue.take_all(taken);
    EXPECT_TRUE(taken.empty());

    queue.push(std::make_unique<int>(1));
    queue.push(std::make_unique<int>(2));
    queue.take_all(taken);
    queue.push(std::make_unique<int>(3));
    queue.take_all(taken);
    queue.push(std::make_unique<int>(4));  // left for the destructor

    ASSERT_EQ(taken.size(), 3U);
    EXPECT_EQ(*taken[0], 1);
    EXPECT_EQ(*taken[1], 2);
    EXPECT_EQ(*taken[2], 3);
}

TEST(HandOverQueue, RefusesWhatMayBeRefusedWhileTooMuchWaits) {
    HandOverQueue<int> queue;
    std::deque<int> taken;
    EXPECT_TRUE(queue.try_push(1, 2));
    queue.push(2);

    EXPECT_FALSE(queue.try_push(3, 2));
    queue.push(4);  // is not asked
    queue.take_all(taken);
    EXPECT_TRUE(queue.try_push(5, 2));
    queue.take_all(taken);

    EXPECT_THAT(taken, ElementsAre(1, 2, 4, 5));
}

TEST(HandOverQueue, LosesAndReordersNothingBetweenThreads) {
    constexpr int elements_per_producer = 5'000;
    struct Element {
        int producer = 0;
        int number = 0;
    };
    HandOverQueue<Element> queue;
    const auto produce = [&queue](const int producer) {
        for (int number = 0; number < elements_per_producer; ++number) {
            queue.push({producer, number});
        }
    };
    std::thread first{produce, 0};
    std::thread second{produce, 1};

    std::deque<Element> taken;
    while (taken.size() < 2 * elements_per_producer) {
        queue.take_all(taken);
        std::this_thread::yield();
    }
    first.join();
    second.join();

    std::vector<int> next{0, 0};
    for (const Element& element : taken) {
        ASSERT_EQ(element.number, next[static_cast<std::size_t>(element.producer)]++);
    }
}

/// Knows one name.
class OneName final : public net::NameResolver {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "one-name"; }
    [[nodiscard]] Result<net::SocketAddress> resolve(std::string_view /*key*/, const std::string_view host,
                                                     const bool is_re_resolution) override {
        if (host != "orders") {
            return ErrorInfo{ErrorCode::unknown_host, "Unable to resolve host=(" + std::string{host} + ")"};
        }
        return *net::SocketAddress::try_parse(is_re_resolution ? "10.0.0.2" : "10.0.0.1", 0);
    }
};

/// A host with one interface, on which nothing can be opened.
class OneInterface final : public net::UdpTransport {
public:
    [[nodiscard]] Result<std::unique_ptr<net::UdpSocket>> open(const net::SocketSpec& /*spec*/) override {
        return ErrorInfo{ErrorCode::generic_error, "nothing can be opened here"};
    }
    [[nodiscard]] std::unique_ptr<net::SocketPoller> make_poller(std::size_t /*batches_per_poll*/) override {
        return nullptr;
    }
    [[nodiscard]] std::vector<net::NetworkInterface> interfaces() override {
        return {{.name = "eth0",
                 .index = 2,
                 .address = *net::SocketAddress::try_parse("192.0.2.2", 0),
                 .prefix_length = 24,
                 .is_up = true,
                 .is_multicast_capable = true}};
    }
    [[nodiscard]] net::SocketBufferLengths probe_buffers(const net::SocketBufferLengths& wanted) override {
        return wanted;
    }
};

struct AgentFixture : testing::Test {
    TestDirectory parent;
    std::string directory = parent / "aeron";
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    std::vector<std::int64_t> error_words = std::vector<std::int64_t>(1'024);
    shm::DistinctErrorLog errors{std::as_writable_bytes(std::span{error_words}), section.clock};
    OneName names;
    OneInterface transport;
    NativeResourceAgent agent{LogFiles{{.directory = directory}, counters, errors}, names, transport};

    AgentFixture() { shm::create_directory(directory); }

    static logbuffer::LogParams params(const std::int64_t correlation_id) {
        return {.correlation_id = correlation_id, .term_length = 65'536};
    }
    std::vector<std::string> logs() const { return names_in(shm::publications_path(directory)); }
    logbuffer::LogFile make_log(const std::int64_t correlation_id) {
        const auto creation = agent.create(params(correlation_id));
        agent.do_work();
        return creation->poll().value().value_or_throw();
    }
};
using NativeResourceAgentTest = AgentFixture;

TEST_F(NativeResourceAgentTest, CreatesALogInItsOwnDutyCycle) {
    const std::shared_ptr<LogCreation> creation = agent.create(params(7));
    EXPECT_FALSE(creation->poll());
    EXPECT_THAT(logs(), IsEmpty());

    EXPECT_EQ(agent.do_work(), 1);

    auto outcome = creation->poll();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(*outcome);
    EXPECT_FALSE(creation->poll()) << "an outcome is given once";
    EXPECT_THAT(logs(), ElementsAre("7.logbuffer"));
    EXPECT_EQ(agent.do_work(), 0);
}

TEST_F(NativeResourceAgentTest, DeletesALogInItsOwnDutyCycle) {
    agent.destroy(make_log(7));
    EXPECT_THAT(logs(), ElementsAre("7.logbuffer"));

    EXPECT_EQ(agent.do_work(), 1);

    EXPECT_THAT(logs(), IsEmpty());
}

TEST_F(NativeResourceAgentTest, ExecutesOneRequestPerCycleInOrder) {
    const auto first = agent.create(params(1));
    const auto second = agent.create(params(2));

    EXPECT_EQ(agent.do_work(), 1);
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer"));
    EXPECT_FALSE(second->poll());

    EXPECT_EQ(agent.do_work(), 1);
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer", "2.logbuffer"));
    EXPECT_TRUE(first->poll());
    EXPECT_TRUE(second->poll());
}

TEST_F(NativeResourceAgentTest, HandsOverWhyThereIsNoLog) {
    const logbuffer::LogFile log = make_log(7);
    const auto creation = agent.create(params(7));

    agent.do_work();

    const auto outcome = creation->poll();
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().code, ErrorCode::generic_error);
}

TEST_F(NativeResourceAgentTest, RefusesCreationsAndCompletesDeletionsWhenItCloses) {
    logbuffer::LogFile log = make_log(1);
    logbuffer::LogFile late = make_log(2);
    agent.destroy(std::move(log));
    const auto waiting = agent.create(params(3));

    agent.on_close();

    const auto refused = waiting->poll();
    ASSERT_TRUE(refused);
    EXPECT_FALSE(*refused);
    EXPECT_THAT(logs(), ElementsAre("2.logbuffer"));

    agent.destroy(std::move(late));
    const auto too_late = agent.create(params(4))->poll();

    ASSERT_TRUE(too_late);
    EXPECT_FALSE(*too_late);
    EXPECT_THAT(logs(), IsEmpty());
}

TEST_F(NativeResourceAgentTest, DeletesALogThatNobodyTookWhenItCloses) {
    logbuffer::LogFile taken = make_log(1);
    static_cast<void>(agent.create(params(2)));
    agent.do_work();
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer", "2.logbuffer"));

    agent.on_close();

    EXPECT_THAT(logs(), ElementsAre("1.logbuffer"));
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), taken.length());
}

TEST_F(NativeResourceAgentTest, ResolvesChannelsInItsOwnDutyCycle) {
    const auto unicast = agent.resolve_channel("aeron:udp?endpoint=orders:40001", net::ChannelUse::endpoint);
    const auto multicast = agent.resolve_channel("aeron:udp?endpoint=224.0.1.1:40001", net::ChannelUse::endpoint);
    EXPECT_FALSE(unicast->poll());

    EXPECT_EQ(agent.do_work(), 1);
    EXPECT_EQ(agent.do_work(), 1);

    EXPECT_EQ(unicast->poll()->value().remote_data.to_string(), "10.0.0.1:40001");
    EXPECT_EQ(multicast->poll()->value().local_data.to_string(), "192.0.2.2:0");
}

TEST_F(NativeResourceAgentTest, MakesChannelsUniqueThatLeaveThePortToChance) {
    const auto first = agent.resolve_channel("aeron:udp?endpoint=orders:0", net::ChannelUse::endpoint);
    const auto second = agent.resolve_channel("aeron:udp?endpoint=orders:0", net::ChannelUse::endpoint);

    agent.do_work();
    agent.do_work();

    EXPECT_NE(first->poll()->value().canonical_form, second->poll()->value().canonical_form);
}

TEST_F(NativeResourceAgentTest, ResolvesAnAddressAgain) {
    const auto first = agent.resolve_address("endpoint", "orders:40001", false);
    const auto again = agent.resolve_address("endpoint", "orders:40001", true);

    agent.do_work();
    agent.do_work();

    EXPECT_EQ(first->poll()->value().to_string(), "10.0.0.1:40001");
    EXPECT_EQ(again->poll()->value().to_string(), "10.0.0.2:40001");
}

TEST_F(NativeResourceAgentTest, HandsOverWhyANameCannotBeResolved) {
    const auto channel = agent.resolve_channel("aeron:udp?endpoint=trades:40001", net::ChannelUse::endpoint);
    const auto address = agent.resolve_address("endpoint", "trades:40001", false);

    agent.do_work();
    agent.on_close();

    EXPECT_EQ(channel->poll()->error().code, ErrorCode::unknown_host);
    EXPECT_EQ(address->poll()->error().code, ErrorCode::generic_error) << "the agent closed before it came to it";
    EXPECT_EQ(agent.resolve_channel("aeron:udp?endpoint=orders:1", net::ChannelUse::endpoint)->poll()->error().message,
              "the driver is closing: no channel can be resolved");
}

TEST(TrackedNameResolver, MeasuresHowLongNamesTake) {
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    ManualClock clock;
    class Slow final : public net::NameResolver {
    public:
        explicit Slow(ManualClock& clock) : clock_(clock) {}
        [[nodiscard]] std::string_view name() const noexcept override { return "slow"; }
        [[nodiscard]] Result<net::SocketAddress> resolve(std::string_view /*key*/, std::string_view /*host*/,
                                                         bool /*is_re_resolution*/) override {
            clock_.advance(duration_);
            duration_ += std::chrono::seconds{1};
            return net::SocketAddress{};
        }

    private:
        ManualClock& clock_;
        std::chrono::nanoseconds duration_ = std::chrono::seconds{5};
    } slow{clock};
    TrackedNameResolver tracked{slow, counters, clock, std::chrono::seconds{5}};

    EXPECT_TRUE(tracked.resolve("endpoint", "orders", false));
    EXPECT_EQ(counters.value(SystemCounter::name_resolver_time_threshold_exceeded), 0);
    EXPECT_TRUE(tracked.resolve("endpoint", "orders", false));

    EXPECT_EQ(counters.value(SystemCounter::name_resolver_max_time), 6'000'000'000);
    EXPECT_EQ(counters.value(SystemCounter::name_resolver_time_threshold_exceeded), 1);
}

TEST_F(NativeResourceAgentTest, WorksForAConductorOnAnotherThread) {
    constexpr int log_count = 20;
    std::atomic<bool> is_done{false};
    std::thread conductor{[&] {
        for (std::int64_t id = 0; id < log_count; ++id) {
            const auto creation = agent.create(params(id));
            auto outcome = creation->poll();
            for (; !outcome; outcome = creation->poll()) {
                std::this_thread::yield();
            }
            EXPECT_EQ(outcome->value().metadata().correlation_id, id);
            agent.destroy(std::move(*outcome).value());
        }
        is_done.store(true);
    }};

    while (!is_done.load()) {
        agent.do_work();
        std::this_thread::yield();
    }
    conductor.join();
    agent.on_close();

    EXPECT_THAT(logs(), IsEmpty());
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), 0);
}

}  // namespace
}  // namespace cpperon::driver
