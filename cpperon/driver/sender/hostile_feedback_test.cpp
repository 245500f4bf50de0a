/// What a stranger can do with datagrams at a send endpoint: a seeded stream of what receivers say, true, nearly true
/// and nonsense.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cpperon/base/random.hpp"
#include "cpperon/driver/sender/sender_fixture.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::driver {
namespace {

using Datagram = std::vector<std::byte>;

class HostileFeedback : public SenderTest,
                        public ::testing::WithParamInterface<std::tuple<ControlMode, std::uint64_t>> {
protected:
    static constexpr std::int32_t term_length = 65'536;
    static constexpr std::int32_t mtu_length = 1'408;
    /// No few flipped bytes of the one make it the other.
    static constexpr std::int32_t attacked_session = 0x11223344;
    static constexpr std::int32_t neighbouring_session = 0x0BADCAFE;

    HostileFeedback() {
        use_channel({.control_mode = mode(), .destinations = shm::AtomicCounter{destinations_}});
        if (mode() == ControlMode::manual) {
            command(sender_command::AddDestination{
                .endpoint = channel.endpoint.get(),
                .destination = {.registration_id = 101, .endpoint = "10.0.0.1:40123", .address = receiver_address}});
        }
    }

    static ControlMode mode() { return std::get<ControlMode>(GetParam()); }

    TestStream& add_session(const std::int32_t session_id) {
        return add_stream([&](StreamSettings& settings) {
            settings.log.session_id = session_id;
            settings.flow_control.strategy = uri::FlowControlStrategy::min;
            settings.has_group_semantics = mode() == ControlMode::manual || mode() == ControlMode::dynamic;
            settings.is_response = mode() == ControlMode::response;
            settings.response_correlation_id = 55;
        });
    }

    /// One more frame, if the log has room for it: what the publisher and the cleaner do.
    void publish(TestStream& stream) {
        if (stream.tail >= stream.sender_position + term_length) {
            return;
        }
        const std::int64_t term_offset = stream.tail % term_length;
        if (term_offset == 0) {
            const std::int64_t term_count = stream.tail / term_length;
            std::memset(stream.log.at(static_cast<std::int32_t>(term_count % 3), 0), 0, term_length);
        }
        stream.append(static_cast<std::int32_t>(std::min<std::int64_t>(
            term_length - term_offset, static_cast<std::int64_t>(32 * (1 + below(mtu_length / 32))))));
    }

    std::uint64_t below(const std::uint64_t limit) { return random_.next_u64() % limit; }
    std::uint8_t any_flags() { return static_cast<std::uint8_t>(below(256)); }
    std::int32_t any_offset() { return static_cast<std::int32_t>(32 * below(term_length / 32)); }
    std::int32_t any_length() { return static_cast<std::int32_t>(32 * below(1'024)); }
    /// The term of the attacked stream's sender, or one nearby.
    std::int32_t any_term(const TestStream& attacked) {
        return logbuffer::term_id_of_position(attacked.sender_position, attacked.log.view().position_bits_to_shift(),
                                              attacked.log.params.initial_term_id) +
               static_cast<std::int32_t>(below(3)) - 1;
    }
    /// A few, so that some come again.
    std::int64_t any_receiver() { return static_cast<std::int64_t>(below(6)); }
    net::SocketAddress any_source() {
        return net::SocketAddress::ipv4({10, 0, 0, 66}, static_cast<std::uint16_t>(1'000 + below(4)));
    }

    template <typename Frame>
    static Datagram encoded(const Frame& frame) {
        Datagram bytes(2'048);
        bytes.resize(wire::encode(frame, bytes));
        return bytes;
    }
    /// A frame that could be right, for either side.
    Datagram sensible(const TestStream& attacked) {
        constexpr std::int32_t stream_id = 1001;
        switch (below(9)) {
            case 0:
            case 1:
            case 2:
                return encoded(
                    wire::StatusMessage{.flags = below(2) == 0 ? std::uint8_t{0} : any_flags(),
                                        .session_id = attacked_session,
                                        .stream_id = stream_id,
                                        .consumption_term_id = any_term(attacked),
                                        .consumption_term_offset = any_offset(),
                                        .receiver_window = any_length(),
                                        .receiver_id = any_receiver(),
                                        .group_tag = below(4) == 0 ? std::optional{any_receiver()} : std::nullopt});
            case 3:
            case 4:
                return encoded(wire::Nak{.session_id = attacked_session,
                                         .stream_id = stream_id,
                                         .term_id = any_term(attacked),
                                         .term_offset = any_offset(),
                                         .gap_length = any_length()});
            case 5:
                return encoded(wire::ErrorFrame{.session_id = attacked_session,
                                                .stream_id = stream_id,
                                                .receiver_id = any_receiver(),
                                                .error_code = static_cast<std::int32_t>(below(20)),
                                                .text = "from a stranger"});
            case 6:
                return encoded(wire::RttMeasurement{.flags = any_flags(),
                                                    .session_id = attacked_session,
                                                    .stream_id = stream_id,
                                                    .echo_timestamp_ns = random_.next_i32(),
                                                    .receiver_id = any_receiver()});
            case 7:
                return encoded(wire::ResponseSetup{
                    .session_id = attacked_session, .stream_id = stream_id, .response_session_id = random_.next_i32()});
            default: return encoded(wire::Setup{.session_id = attacked_session, .stream_id = stream_id});
        }
    }
    Datagram garbage() {
        Datagram bytes(below(100));
        std::ranges::generate(bytes, [&] { return static_cast<std::byte>(below(256)); });
        return bytes;
    }
    Datagram mutated(Datagram datagram) {
        for (std::uint64_t flips = below(4); flips > 0 && !datagram.empty(); --flips) {
            datagram[below(datagram.size())] = static_cast<std::byte>(below(256));
        }
        if (below(8) == 0) {
            datagram.resize(below(2 * datagram.size() + 1));
        }
        return datagram;
    }
    Datagram next_datagram(const TestStream& attacked) {
        return below(8) == 0 ? garbage() : mutated(sensible(attacked));
    }

    /// Whatever left is a frame that receivers believe, and data are what the log holds.
    void expect_sound(const std::vector<SentDatagram>& sent) const {
        for (const SentDatagram& datagram : sent) {
            ASSERT_EQ(wire::check_datagram(datagram.bytes), wire::Fault::none);
            const auto type = static_cast<wire::FrameType>(wire::frame_header(datagram.bytes).type);
            if (type == wire::FrameType::data || type == wire::FrameType::padding) {
                ASSERT_EQ(wire::check_data(datagram.bytes, term_length).fault, wire::Fault::none);
                ASSERT_LE(datagram.bytes.size(), static_cast<std::size_t>(mtu_length));
            } else if (type == wire::FrameType::setup) {
                ASSERT_EQ(wire::check(wire::decode_setup(datagram.bytes)), wire::Fault::none);
            } else {
                ASSERT_EQ(type, wire::FrameType::rtt_measurement);
            }
        }
    }
    std::vector<std::string> errors_logged() {
        std::vector<std::string> texts;
        ErrorLogReader{error_log_section.bytes()}.for_each(
            [&](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }

private:
    SeededRandomSource random_{std::get<std::uint64_t>(GetParam())};
    std::int64_t destinations_ = 0;
};

TEST_P(HostileFeedback, NeitherCrashesTheSenderNorMovesItBeyondWhatIsThereNorDisturbsAnotherStream) {
    TestStream& attacked = add_session(attacked_session);
    TestStream& neighbour = add_session(neighbouring_session);
    ask_for_setup(neighbour);  // tells where to, if the channel is for responses
    say(neighbour, {.position = 0, .window = 4'096, .receiver_id = 99});
    neighbour.append(64);
    step();
    ASSERT_EQ(neighbour.sender_position, 64);

    for (int i = 0; i < 5'000; ++i) {
        publish(attacked);
        deliver_bytes(next_datagram(attacked), any_source());
        if (below(4) == 0) {
            step_after(10ms * static_cast<std::int64_t>(below(20)));
            say(neighbour, {.position = 64, .window = 4'096, .receiver_id = 99});
        }
        ASSERT_LE(attacked.sender_position, attacked.tail);
        ASSERT_LE(attacked.sender_limit, attacked.sender_position + term_length);
        expect_sound(channel.socket->take_sent());
        if (HasFatalFailure()) {
            return;
        }
    }

    EXPECT_GT(attacked.sender_position, term_length) << "the attacked stream went on";
    EXPECT_GT(attacked.naks_received, 100);
    EXPECT_EQ(neighbour.sender_position, 64);
    EXPECT_EQ(neighbour.sender_limit, 64 + 4'096);
    EXPECT_EQ(neighbour.naks_received, 0);
    EXPECT_TRUE(neighbour.publication->signals().has_receivers);
    EXPECT_FALSE(neighbour.publication->signals().has_received_unicast_eos);
    // Each kind of fault once, however often it came.
    EXPECT_GT(count(SystemCounter::invalid_packets), 100);
    const std::vector<std::string> logged = errors_logged();
    EXPECT_EQ(count(SystemCounter::errors), static_cast<std::int64_t>(logged.size()))
        << ::testing::PrintToString(logged);
}

std::string name_of(const ControlMode mode) {
    switch (mode) {
        case ControlMode::none: return "Unicast";
        case ControlMode::dynamic: return "Dynamic";
        case ControlMode::manual: return "Manual";
        case ControlMode::response: return "Response";
    }
    return "Unknown";
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileFeedback,
                         ::testing::Combine(::testing::Values(ControlMode::none, ControlMode::dynamic,
                                                              ControlMode::manual, ControlMode::response),
                                            ::testing::Range<std::uint64_t>(1, 4)),
                         [](const auto& instance) {
                             return fmt::format("{}Seed{}", name_of(std::get<ControlMode>(instance.param)),
                                                std::get<std::uint64_t>(instance.param));
                         });

}  // namespace
}  // namespace cpperon::driver
