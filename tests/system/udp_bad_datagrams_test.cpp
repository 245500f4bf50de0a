/// What a stranger can do with datagrams: thousands of them, random and nearly right, at the ports of a driver that
/// carries somebody else's stream.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <random>
#include <span>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/logbuffer/layout.hpp"
#include "cpperon/wire/frames.hpp"
#include "tests/system/udp_traffic.hpp"

namespace cpperon::system_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;

using Datagram = std::vector<std::byte>;

/// A socket that belongs to nobody's driver.
class Stranger {
public:
    Stranger() : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        if (descriptor_ < 0) {
            throw std::system_error(errno, std::generic_category(), "cannot make a socket");
        }
    }
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;
    ~Stranger() { ::close(descriptor_); }

    /// Loopback only; a datagram that the system does not take is lost, as datagrams are.
    void send(const std::uint16_t port, const std::span<const std::byte> datagram) const {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        static_cast<void>(::sendto(descriptor_, datagram.data(), datagram.size(), MSG_DONTWAIT,
                                   reinterpret_cast<const sockaddr*>(&address), sizeof address));
    }

private:
    int descriptor_;
};

/// Draws datagrams of every kind that speak of one stream, some of them broken.
class BadDatagrams {
public:
    BadDatagrams(const std::uint64_t seed, const std::int32_t stream_id) : random_(seed), stream_id_(stream_id) {}

    Datagram next() {
        Datagram datagram = below(8) == 0 ? garbage() : sensible();
        for (std::uint64_t flips = below(4); flips > 0 && !datagram.empty(); --flips) {
            datagram[below(below(2) == 0 ? std::min<std::uint64_t>(datagram.size(), 32) : datagram.size())] =
                static_cast<std::byte>(below(256));
        }
        if (below(8) == 0) {
            datagram.resize(below(2 * datagram.size() + 1));
        }
        return datagram;
    }

private:
    std::uint64_t below(const std::uint64_t limit) { return random_() % limit; }
    std::uint8_t any_flags() { return static_cast<std::uint8_t>(below(256)); }
    /// Of a term of 64 KiB or beyond it; most are within half a term, as windows are.
    std::int32_t any_offset() { return static_cast<std::int32_t>(32 * below(below(2) == 0 ? 1'024 : 4'096)); }
    /// A few, so that some come twice.
    std::int32_t any_session() { return static_cast<std::int32_t>(10'000 + below(5)); }
    std::int32_t any_term() { return static_cast<std::int32_t>(below(4)); }

    Datagram garbage() {
        Datagram datagram(below(2'000));
        for (std::byte& byte : datagram) {
            byte = static_cast<std::byte>(below(256));
        }
        return datagram;
    }
    template <typename Frame>
    static Datagram encoded(const Frame& frame) {
        std::array<std::byte, 2'048> buffer{};
        const std::size_t length = wire::encode(frame, buffer);
        return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length)};
    }
    Datagram sensible() {
        const std::int32_t session_id = any_session();
        const std::int32_t term_id = any_term();
        switch (below(7)) {
            case 0:
                return encoded(wire::Setup{.flags = any_flags(),
                                           .term_offset = any_offset() % 65'536,
                                           .session_id = session_id,
                                           .stream_id = stream_id_,
                                           .initial_term_id = 0,
                                           .active_term_id = term_id,
                                           .term_length = 65'536,
                                           .mtu_length = 1'408,
                                           .ttl = 0});
            case 1:
                return encoded(wire::StatusMessage{.flags = any_flags(),
                                                   .session_id = session_id,
                                                   .stream_id = stream_id_,
                                                   .consumption_term_id = term_id,
                                                   .consumption_term_offset = any_offset(),
                                                   .receiver_window = any_offset(),
                                                   .receiver_id = static_cast<std::int64_t>(below(5))});
            case 2:
                return encoded(wire::Nak{.session_id = session_id,
                                         .stream_id = stream_id_,
                                         .term_id = term_id,
                                         .term_offset = any_offset(),
                                         .gap_length = any_offset()});
            case 3:
                return encoded(wire::RttMeasurement{
                    .flags = any_flags(), .session_id = session_id, .stream_id = stream_id_, .echo_timestamp_ns = 1});
            case 4:
                return encoded(wire::ResponseSetup{
                    .session_id = session_id, .stream_id = stream_id_, .response_session_id = any_session()});
            case 5:
                return encoded(wire::ErrorFrame{.session_id = session_id,
                                                .stream_id = stream_id_,
                                                .receiver_id = static_cast<std::int64_t>(below(5)),
                                                .error_code = static_cast<std::int32_t>(below(20)),
                                                .text = "from a stranger"});
            default: return data(session_id, term_id);
        }
    }
    Datagram data(const std::int32_t session_id, const std::int32_t term_id) {
        const std::size_t length = 32 * (1 + below(40));
        Datagram datagram(length);
        const logbuffer::DataHeader header{
            .frame_length = below(6) == 0 ? 0 : static_cast<std::int32_t>(length - below(31)),
            .flags = any_flags(),
            .type = static_cast<std::int16_t>(below(8) == 0 ? 0 : 1),
            .term_offset = any_offset() % 65'536,
            .session_id = session_id,
            .stream_id = stream_id_,
            .term_id = term_id};
        std::memcpy(datagram.data(), &header, sizeof header);
        return datagram;
    }

    std::mt19937_64 random_;
    std::int32_t stream_id_;
};

/// No flipped byte makes it another stream's.
constexpr std::int32_t attacked_stream_id = 0x7a'7b'7c'7d;

class UdpBadDatagrams : public UdpFixture, public testing::WithParamInterface<bool> {};

TEST_P(UdpBadDatagrams, NeitherCrashTheDriverNorDisturbTheStreamOfSomebodyElse) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE("CPPERON_TEST_SEED=" + std::to_string(seed));
    DriverContext settings = quick_driver();
    settings.perform_storage_checks = false;
    settings.stream_session_limit = 50;
    // A connected socket hears its receiver only.
    settings.connect_send_sockets = false;
    Host& host = add_host(settings);
    const std::string own = ports.in(GetParam() ? "aeron:udp?control=127.0.0.1:$1|control-mode=dynamic|fc=min"
                                                : "aeron:udp?endpoint=127.0.0.1:$0|control=127.0.0.1:$1");
    const std::string source = ports.in("aeron:udp?endpoint=127.0.0.1:$0|control=127.0.0.1:$1");
    const Subscription subscription = host.aeron.add_subscription(source, 1'001);
    const Publication publication = host.aeron.add_publication(own + "|session-id=1", 1'001);
    wait_for_connection(publication, {subscription});
    // The strangers' sessions are on a stream of the same endpoint that has a subscriber and a publisher, too.
    const Subscription attacked = host.aeron.add_subscription(source, attacked_stream_id);
    const Publication attacked_publication = host.aeron.add_publication(
        own + "|session-id=10001|init-term-id=0|term-id=0|term-offset=0|term-length=64k", attacked_stream_id);

    Transfer transfer{{.count = test::is_sanitized ? 200 : 1'000, .max_length = 2'000}};
    transfer.add_reader(subscription);
    BadDatagrams datagrams{seed, attacked_stream_id};
    const Stranger stranger;
    constexpr int max_rounds = 1'000;
    int rounds = 0;
    wait_until(
        [&] {
            // What strangers say that could be true is heard, too, however busy the driver is.
            const std::array heard{SystemCounter::status_messages_rejected, SystemCounter::naks_received,
                                   SystemCounter::error_frames_received};
            const bool is_all_heard =
                std::ranges::all_of(heard, [&](const SystemCounter counter) { return host.value(counter) > 0; });
            // Not for as long as it takes: to dynamic destinations each receiver that they invent is one more, for 5 s.
            for (int i = 0; i < 5 && (rounds < max_rounds || !is_all_heard); ++i) {
                stranger.send(ports.at(0), datagrams.next());
                stranger.send(ports.at(1), datagrams.next());
            }
            ++rounds;
            static_cast<void>(attacked_publication.offer("to whoever listens"));
            attacked.poll([](std::span<const std::byte>, const Header&) {}, 10);
            return !transfer.step(publication) && is_all_heard;
        },
        "all messages, and all kinds of nonsense");

    transfer.expect_complete();
    EXPECT_GT(host.value(SystemCounter::invalid_packets), 100);
    // Once for each kind of mistake and agent, whatever the datagrams say.
    const auto errors = host.error_counts();
    EXPECT_LT(errors.size(), 40U) << testing::PrintToString(errors);
    EXPECT_THAT(errors, Contains(Key(HasSubstr("a sender dropped a datagram"))));
    EXPECT_THAT(errors, Contains(Key(HasSubstr("a receiver dropped a datagram"))));
    for (const auto& [text, count] : errors) {
        EXPECT_TRUE(count == 1 || text.find("dropped a datagram") == std::string::npos) << count << " times: " << text;
    }
    attacked.close();
    attacked_publication.close();
    subscription.close();
    publication.close();
    expect_nothing_left(host);
}

INSTANTIATE_TEST_SUITE_P(Senders, UdpBadDatagrams, testing::Values(false, true),
                         [](const auto& instance) { return instance.param ? "DynamicDestinations" : "Unicast"; });

}  // namespace
}  // namespace cpperon::system_test
