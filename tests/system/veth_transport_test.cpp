/// The UDP transport over an Ethernet device with an MTU of 1,500: two network namespaces with a veth pair between
/// them. The loopback interface, whose MTU is 65,536, refuses nothing. Needs root and `ip`; is skipped otherwise.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sched.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/file_descriptor.hpp"
#include "cpperon/net/system_udp_transport.hpp"

namespace cpperon::system_test {
namespace {

using namespace net;
using namespace net::test;
using testing::Each;
using testing::SizeIs;

const SocketAddress left_address = SocketAddress::ipv4({10, 77, 0, 1}, 0);
const SocketAddress right_address = SocketAddress::ipv4({10, 77, 0, 2}, 0);
const SocketAddress nobody = SocketAddress::ipv4({10, 77, 0, 99}, 40'123);

bool shell(const std::string& command) {
    return std::system((command + " 2>/dev/null").c_str()) == 0;
}

/// A network namespace of this process, alive as long as this.
class Namespace {
public:
    /// A new one, which the calling thread enters.
    [[nodiscard]] static Namespace create() {
        return Namespace{::unshare(CLONE_NEWNET) == 0 ? FileDescriptor{::open("/proc/thread-self/ns/net", O_RDONLY)}
                                                      : FileDescriptor{}};
    }
    [[nodiscard]] bool exists() const { return descriptor_.is_open(); }
    void enter() const { ASSERT_EQ(::setns(descriptor_.value(), CLONE_NEWNET), 0); }
    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_.value()); }

private:
    explicit Namespace(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

    FileDescriptor descriptor_;
};

/// Two hosts and the cable between them. Made and used on a thread of its own, which may change its namespace.
class Cable {
public:
    Cable() : left_(Namespace::create()), right_(Namespace::create()) {
        is_ready_ = left_.exists() && right_.exists() &&
                    shell("ip link add right mtu 1500 type veth peer name left mtu 1500 netns " + left_.path()) &&
                    shell("ip address add 10.77.0.2/24 dev right && ip link set right up");
        if (is_ready_) {
            left_.enter();
            is_ready_ = shell("ip address add 10.77.0.1/24 dev left && ip link set left up");
        }
    }
    [[nodiscard]] bool is_ready() const { return is_ready_; }

    // A socket stays in the namespace in which it was opened.
    std::unique_ptr<UdpSocket> open_left(UdpTransport& transport, const SocketSpec& spec) const {
        left_.enter();
        return transport.open(spec).value_or_throw();
    }
    std::unique_ptr<UdpSocket> open_right(UdpTransport& transport, const SocketSpec& spec) const {
        right_.enter();
        return transport.open(spec).value_or_throw();
    }

private:
    Namespace left_;
    Namespace right_;
    bool is_ready_ = false;
};

/// Skips where there can be no cable.
void with_cable(const std::function<void(const Cable&)>& test) {
    bool is_ready = false;
    std::thread{[&] {
        const Cable cable;
        is_ready = cable.is_ready();
        if (is_ready) {
            test(cable);
        }
    }}.join();
    if (!is_ready) {
        GTEST_SKIP() << "making network namespaces with a veth pair needs root, 'ip' and the veth driver";
    }
}

/// What leaves on the left arrives on the right as it was.
void expect_exchange(const Cable& cable, const OffloadSettings& offload) {
    SystemUdpTransport transport{offload};
    const auto receiver =
        cable.open_right(transport, {.bind_address = right_address, .receive_buffer_length = 2 * 1'024 * 1'024});
    const auto sender = cable.open_left(transport, {.bind_address = left_address,
                                                    .connect_to = receiver->local_address(),
                                                    .send_buffer_length = 2 * 1'024 * 1'024});
    const auto poller = transport.make_poller(4);

    for (const std::uint32_t segment_length : {1'472U, 1'473U, 1'376U, 8'192U, 65'504U, 1'376U, 64U}) {
        Inbox inbox;
        poller->add(*receiver, inbox);
        const Bytes bytes = pattern(std::size_t{5} * segment_length);

        const SendOutcome outcome = sender->send(std::vector{run_of(bytes, segment_length)}, nullptr);

        EXPECT_TRUE(outcome.is_complete) << segment_length << ", error " << outcome.system_error;
        poll_until(*poller, "five datagrams", [&] { return inbox.datagrams.size() >= 5; });
        EXPECT_THAT(inbox.datagrams, Each(SizeIs(segment_length)));
        EXPECT_EQ(inbox.all_bytes(), bytes);
        poller->remove(*receiver);
    }
}

TEST(VethTransport, CarriesDatagramsLongerAndShorterThanTheDeviceTakes) {
    with_cable([](const Cable& cable) { expect_exchange(cable, {}); });
}

TEST(VethTransport, CarriesTheSameWithoutOffload) {
    with_cable(
        [](const Cable& cable) { expect_exchange(cable, {.segmentation_offload = false, .receive_offload = false}); });
}

// What waits for the address of a neighbour that never answers fills the send buffer.
TEST(VethTransport, ReportsWhatAFullSendBufferTook) {
    with_cable([](const Cable& cable) {
        for (const bool offload : {true, false}) {
            SystemUdpTransport transport{{.segmentation_offload = offload}};
            const auto sender = cable.open_left(
                transport, {.bind_address = left_address, .connect_to = nobody, .send_buffer_length = 65'536});
            const Bytes bytes = pattern(1'000 * 1'000);

            const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 1'000)}, nullptr);

            EXPECT_FALSE(outcome.is_complete);
            EXPECT_EQ(outcome.system_error, 0);
            EXPECT_GT(outcome.bytes_sent, 0);
            EXPECT_LT(outcome.bytes_sent, 1'000'000);
            EXPECT_EQ(outcome.bytes_sent % 1'000, 0);
        }
    });
}

}  // namespace
}  // namespace cpperon::system_test
