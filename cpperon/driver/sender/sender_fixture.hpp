/// A sender with everything around it in memory: the test speaks for publishers, conductor and receivers, and moves the
/// clock. For the tests of this room.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/sender/fake_socket.hpp"
#include "cpperon/driver/sender/publication_sender.hpp"
#include "cpperon/driver/sender/send_endpoint.hpp"
#include "cpperon/driver/sender/sender.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/logbuffer/test_log.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/wire/frames.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::driver {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""s;

/// What is said of a stream, to be changed by a test before it is made.
struct StreamSettings {
    logbuffer::LogParams log = logbuffer::vector_params();
    FlowControlSpec flow_control{.receiver_timeout_ns = 5'000'000'000, .retransmit_receiver_window_multiple = 16};
    std::int64_t start_position = 0;
    bool has_group_semantics = false;
    bool signals_eos = true;
    bool spies_simulate_connection = false;
    bool is_response = false;
    std::int64_t response_correlation_id = -1;
    std::int32_t max_messages_per_send = 4;
    std::int64_t retransmit_delay_ns = 0;
    std::int64_t now_ns = 0;
};

/// A publication of the sender, and the publisher's and conductor's side of it.
class TestStream {
public:
    static constexpr std::int64_t registration_id = 77;

    TestStream(StreamSettings settings, SendEndpoint& endpoint, SenderContext& context)
        : log(settings.log),
          tail(settings.start_position),
          sender_position(settings.start_position),
          sender_limit(settings.start_position) {
        settings.flow_control.term_length = settings.log.term_length;
        settings.flow_control.receivers = shm::AtomicCounter{fc_receivers};
        publication = std::make_unique<PublicationSender>(
            PublicationSenderSpec{.endpoint = &endpoint,
                                  .registration_id = registration_id,
                                  .session_id = SessionId{settings.log.session_id},
                                  .stream_id = settings.log.stream_id,
                                  .log = log.view(),
                                  .start_position = settings.start_position,
                                  .flow_control = make_flow_control(settings.flow_control),
                                  .has_group_semantics = settings.has_group_semantics,
                                  .signals_eos = settings.signals_eos,
                                  .spies_simulate_connection = settings.spies_simulate_connection,
                                  .is_response = settings.is_response,
                                  .response_correlation_id = settings.response_correlation_id,
                                  .max_messages_per_send = settings.max_messages_per_send,
                                  .retransmit_delay_ns = settings.retransmit_delay_ns,
                                  .now_ns = settings.now_ns,
                                  .sender_position = shm::AtomicCounter{sender_position},
                                  .sender_limit = shm::AtomicCounter{sender_limit},
                                  .back_pressure_events = shm::AtomicCounter{back_pressure_events},
                                  .naks_received = shm::AtomicCounter{naks_received}},
            context);
    }

    /// Commits a frame behind the last one. Terms beyond the third are written over the first.
    void append(const std::int32_t frame_length, const logbuffer::FrameType type = logbuffer::FrameType::data) {
        const std::int32_t shift = log.view().position_bits_to_shift();
        const std::int32_t partition = logbuffer::index_of_position(tail, shift);
        const std::int32_t term_offset = logbuffer::term_offset_of_position(tail, log.params.term_length);
        log.put_frame(partition, term_offset, frame_length, type);
        log.header(partition, term_offset).term_id =
            logbuffer::term_id_of_position(tail, shift, log.params.initial_term_id);
        tail += logbuffer::align_frame(frame_length);
    }
    void append_many(const int count, const std::int32_t frame_length) {
        for (int i = 0; i < count; ++i) {
            append(frame_length);
        }
    }

    logbuffer::TestLog log;
    std::int64_t tail;
    std::int64_t sender_position;
    std::int64_t sender_limit;
    std::int64_t back_pressure_events = 0;
    std::int64_t naks_received = 0;
    std::int64_t fc_receivers = 0;
    std::unique_ptr<PublicationSender> publication;
};

/// What a receiver says about its image.
struct Status {
    std::int64_t position = 0;
    std::int32_t window = 32'768;
    std::int64_t receiver_id = 1;
    std::uint8_t flags = 0;
    std::optional<std::int64_t> group_tag = std::nullopt;
};

class SenderTest : public ::testing::Test {
protected:
    static constexpr net::SocketAddress receiver_address = net::SocketAddress::ipv4({10, 0, 0, 1}, 40'123);

    struct Endpoint {
        std::unique_ptr<SendEndpoint> endpoint;
        FakeSocket* socket = nullptr;
    };

    // What the conductor makes and commands.

    /// A unicast channel, unless the spec says otherwise.
    Endpoint make_endpoint(SendEndpointSpec spec = {}) {
        auto socket = std::make_unique<FakeSocket>();
        FakeSocket* const fake = socket.get();
        if (spec.remote == net::SocketAddress{}) {
            spec.remote = receiver_address;
        }
        return {.endpoint = std::make_unique<SendEndpoint>(std::move(spec), std::move(socket), context),
                .socket = fake};
    }
    Endpoint add_endpoint(SendEndpointSpec spec = {}) {
        Endpoint made = make_endpoint(std::move(spec));
        command(sender_command::AddEndpoint{.endpoint = made.endpoint.get()});
        return made;
    }
    /// In place of the fixture's own.
    void use_channel(SendEndpointSpec spec) {
        command(sender_command::RemoveEndpoint{.endpoint = channel.endpoint.get()});
        channel = add_endpoint(std::move(spec));
    }
    /// The stream of the fixture's own endpoint, with terms of 64 KiB. Its first SETUP has left.
    TestStream& add_stream(const std::function<void(StreamSettings&)>& change = [](StreamSettings&) {}) {
        return add_stream_on(channel, change);
    }
    TestStream& add_stream_on(
        Endpoint& endpoint, const std::function<void(StreamSettings&)>& change = [](StreamSettings&) {}) {
        StreamSettings settings{.now_ns = clock.nano_time()};
        change(settings);
        streams.push_back(std::make_unique<TestStream>(std::move(settings), *endpoint.endpoint, context));
        command(sender_command::AddPublication{.publication = streams.back()->publication.get()});
        return *streams.back();
    }
    /// A stream whose receiver has answered, and whose first heartbeat has left.
    TestStream& add_connected_stream(const std::function<void(StreamSettings&)>& change = [](StreamSettings&) {}) {
        TestStream& stream = add_stream(change);
        say(stream, {.position = stream.sender_position});
        step();
        channel.socket->sent.clear();
        return stream;
    }
    void command(SenderCommand what) {
        commands.push(std::move(what));
        step();
    }

    void step() { sender.do_work(); }
    void step_after(const std::chrono::nanoseconds time) {
        clock.advance(time);
        step();
    }

    // What receivers say, from the address to which data go.

    void say(const TestStream& stream, const Status& status) { say_from(receiver_address, stream, status); }
    void say_from(const net::SocketAddress& source, const TestStream& stream, const Status& status) {
        const std::int32_t shift = stream.log.view().position_bits_to_shift();
        const logbuffer::LogParams& log = stream.log.params;
        deliver(
            wire::StatusMessage{
                .flags = status.flags,
                .session_id = log.session_id,
                .stream_id = log.stream_id,
                .consumption_term_id = logbuffer::term_id_of_position(status.position, shift, log.initial_term_id),
                .consumption_term_offset = logbuffer::term_offset_of_position(status.position, log.term_length),
                .receiver_window = status.window,
                .receiver_id = status.receiver_id,
                .group_tag = status.group_tag},
            source);
    }
    void ask_for_setup(const TestStream& stream, const net::SocketAddress& source = receiver_address) {
        deliver(wire::StatusMessage{.flags = wire::status_flag::send_setup,
                                    .session_id = stream.log.params.session_id,
                                    .stream_id = stream.log.params.stream_id,
                                    .receiver_id = 1},
                source);
    }
    void ask_for(const TestStream& stream, const std::int64_t position, const std::int32_t length) {
        const logbuffer::LogParams& log = stream.log.params;
        deliver(wire::Nak{.session_id = log.session_id,
                          .stream_id = log.stream_id,
                          .term_id = logbuffer::term_id_of_position(
                              position, stream.log.view().position_bits_to_shift(), log.initial_term_id),
                          .term_offset = logbuffer::term_offset_of_position(position, log.term_length),
                          .gap_length = length});
    }
    void deliver(const auto& frame, const net::SocketAddress& source = receiver_address) {
        std::array<std::byte, 2'048> buffer{};
        deliver_bytes(std::span{buffer}.first(wire::encode(frame, buffer)), source);
    }
    void deliver_bytes(const std::span<const std::byte> datagram, const net::SocketAddress& source = receiver_address) {
        poller.deliver(*channel.socket, datagram, datagram.size(), source);
        while (poller.has_arrivals()) {
            step();  // while data flow, not every cycle listens
        }
    }

    // What left.

    template <typename Frame>
    std::vector<Frame> take(const wire::FrameType type, Frame (*decode)(std::span<const std::byte>) noexcept) {
        std::vector<Frame> frames;
        for (const SentDatagram& datagram : channel.socket->take_sent()) {
            if (static_cast<wire::FrameType>(wire::frame_header(datagram.bytes).type) == type) {
                frames.push_back(decode(datagram.bytes));
            }
        }
        return frames;
    }
    std::vector<wire::Setup> take_setups() { return take<wire::Setup>(wire::FrameType::setup, &wire::decode_setup); }
    /// Data, padding and heartbeats.
    std::vector<logbuffer::DataHeader> take_data() {
        std::vector<logbuffer::DataHeader> headers;
        for (const SentDatagram& datagram : channel.socket->take_sent()) {
            if (wire::frame_header(datagram.bytes).type <= logbuffer::data_type) {
                std::memcpy(&headers.emplace_back(), datagram.bytes.data(), sizeof(logbuffer::DataHeader));
            }
        }
        return headers;
    }
    /// Lengths of the datagrams that left, of whatever kind.
    std::vector<std::size_t> take_lengths() {
        std::vector<std::size_t> lengths;
        for (const SentDatagram& datagram : channel.socket->take_sent()) {
            lengths.push_back(datagram.bytes.size());
        }
        return lengths;
    }

    // What the conductor hears.

    template <typename Event>
    std::vector<Event> hear() {
        std::deque<SenderEvent> all;
        events.take_all(all);
        std::vector<Event> found;
        for (SenderEvent& event : all) {
            if (Event* const wanted = std::get_if<Event>(&event)) {
                found.push_back(std::move(*wanted));
            }
        }
        return found;
    }
    [[nodiscard]] std::int64_t count(const SystemCounter counter) const { return system_counters.value(counter); }

    ManualClock clock;
    TestCounters counters;
    SystemCounters system_counters{counters.manager, {}};
    test::SharedSection error_log_section{8'192};
    shm::DistinctErrorLog error_log{error_log_section.bytes(), clock};
    DriverErrors errors{error_log, system_counters};
    FakePoller poller;
    SenderCommands commands;
    SenderEvents events;
    SenderContext context{clock, clock, poller, system_counters, errors, commands, events, {}};
    Sender sender{context};
    Endpoint channel = add_endpoint();
    std::vector<std::unique_ptr<TestStream>> streams;
};

}  // namespace cpperon::driver
