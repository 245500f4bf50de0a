/// Names in UDP channels while drivers run: slow ones, unknown ones, and those that come to mean another address.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver.hpp"
#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Knows what it was told, and can be made to take its time.
class Names final : public net::NameResolver {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "names of a test"; }
    [[nodiscard]] Result<net::SocketAddress> resolve(const std::string_view key, const std::string_view host,
                                                     bool /*is_re_resolution*/) override {
        ++asked_;
        while (is_slow_) {
            std::this_thread::yield();
        }
        const std::lock_guard lock{mutex_};
        const auto found = addresses_.find(std::string{host});
        if (found == addresses_.end()) {
            return ErrorInfo{ErrorCode::unknown_host, "Unable to resolve host=(" + std::string{host} + ")"};
        }
        return net::resolve_host_port(system_, key, found->second + ":0", false);
    }

    void set(const std::string& host, const std::string& address) {
        const std::lock_guard lock{mutex_};
        addresses_[host] = address;
    }
    /// From now on nothing is answered, until `set_slow(false)`.
    void set_slow(const bool is_slow) { is_slow_ = is_slow; }
    [[nodiscard]] int asked() const { return asked_; }

private:
    net::SystemNameResolver system_;
    std::mutex mutex_;
    std::map<std::string, std::string> addresses_;
    std::atomic<bool> is_slow_{false};
    std::atomic<int> asked_{0};
};

class UdpNames : public UdpFixture {
protected:
    static constexpr std::int32_t stream_id = 1'001;

    ~UdpNames() override { close_hosts(); }  // they ask the names

    [[nodiscard]] DriverContext settings() {
        DriverContext context = quick_driver();
        context.name_resolver = &names;
        context.threading_mode = ThreadingMode::dedicated;
        context.re_resolution_check_interval = 20ms;
        return context;
    }

    Names names;
};

// spec: 02-C32, 06-C57
TEST_F(UdpNames, SlowNameDelaysLaterCommandsInTheirOrderAndNothingElse) {
    Host& host = add_host(settings());
    const Subscription ipc = host.aeron.add_subscription("aeron:ipc", stream_id);
    const Publication publication = host.aeron.add_publication("aeron:ipc", stream_id);
    wait_for_connection(publication, {ipc});
    names.set_slow(true);

    auto slow = host.aeron.async_add_publication(ports.in("aeron:udp?endpoint=nobody:$0"), stream_id);
    auto next = host.aeron.async_add_publication("aeron:ipc", stream_id + 1);
    wait_until([&] { return names.asked() > 0; }, "the resolver to be asked");
    for (int i = 0; i < 1'000; ++i) {  // far beyond the window: the conductor moves the limit
        send(publication, std::string(1'000, 'x'));
        EXPECT_EQ(receive(ipc).size(), 1'000U);
    }
    EXPECT_FALSE(slow.is_done());
    EXPECT_FALSE(next.is_done());

    names.set_slow(false);
    const Result<Publication> refused = slow.try_wait();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unknown_host);
    EXPECT_THAT(refused.error().message, HasSubstr("Unable to resolve host=(nobody)"));
    EXPECT_TRUE(next.try_wait());
}

// spec: 04-C91, 05-C41
TEST_F(UdpNames, DestinationWithAnUnknownNameReceivesOnceTheNameIsKnown) {
    Host& host = add_host(settings());
    const Subscription subscription =
        host.aeron.add_subscription(ports.in("aeron:udp?endpoint=127.0.0.1:$0"), stream_id);
    const Publication publication = host.aeron.add_publication("aeron:udp?control-mode=manual", stream_id);
    publication.add_destination(ports.in("aeron:udp?endpoint=later:$0"));
    const int asked = names.asked();
    EXPECT_GE(asked, 1);
    EXPECT_FALSE(publication.is_connected());

    names.set("later", "127.0.0.1");

    wait_for_connection(publication, {subscription});
    send(publication, "now");
    EXPECT_EQ(receive(subscription), "now");
    EXPECT_GT(names.asked(), asked);
}

// spec: 06-C58
TEST_F(UdpNames, PublicationFollowsANameToItsNewAddress) {
    Host& host = add_host(settings());
    names.set("moving", "127.0.0.1");
    const Publication publication = host.aeron.add_publication(ports.in("aeron:udp?endpoint=moving:$0"), stream_id);
    {
        const Subscription subscription =
            host.aeron.add_subscription(ports.in("aeron:udp?endpoint=127.0.0.1:$0"), stream_id);
        wait_for_connection(publication, {subscription});
        send(publication, "at the old address");
        EXPECT_EQ(receive(subscription), "at the old address");
    }
    EXPECT_EQ(host.value(SystemCounter::resolution_changes), 0);

    names.set("moving", "127.0.0.2");
    const Subscription subscription =
        host.aeron.add_subscription(ports.in("aeron:udp?endpoint=127.0.0.2:$0"), stream_id);
    wait_for_connection(publication, {subscription});

    send(publication, "at the new address");
    EXPECT_EQ(receive(subscription), "at the new address");
    EXPECT_EQ(host.value(SystemCounter::resolution_changes), 1);
}

}  // namespace
}  // namespace cpperon::system_test
