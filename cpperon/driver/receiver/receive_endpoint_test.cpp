#include "cpperon/driver/receiver/receive_endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/receiver/receiver_fixture.hpp"

namespace cpperon::driver {
namespace {

using receiver_event::CreateImage;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const net::SocketAddress control_address = address_of(9, 50'000);

/// The sessions for which a SETUP was asked for.
std::vector<StreamSession> setup_requests(const std::vector<SentFrame>& frames) {
    std::vector<StreamSession> requests;
    for (const SentFrame& frame : frames) {
        const wire::StatusMessage status = wire::decode_status_message(frame.bytes);
        EXPECT_EQ(frame.type(), wire::FrameType::status_message);
        EXPECT_EQ(status.flags, wire::status_flag::send_setup);
        EXPECT_EQ(status.consumption_term_id, 0);
        EXPECT_EQ(status.consumption_term_offset, 0);
        EXPECT_EQ(status.receiver_window, 0);
        requests.push_back({.stream_id = status.stream_id, .session_id = SessionId{status.session_id}});
    }
    return requests;
}

class ReceivingEndpoint : public OneEndpoint {
public:
    void deliver_setup(const wire::Setup& setup) { deliver(encoded(setup)); }
};

// Eliciting SETUPs.

// spec: 04-C54
TEST_F(ReceivingEndpoint, AsksTheSenderOfUnknownDataForASetupOnceASecond) {
    deliver(stream.data(0, 32));
    deliver(stream.heartbeat(64));

    const std::vector<SentFrame> sent = socket.take_sent();
    EXPECT_THAT(setup_requests(sent), ElementsAre(stream.id()));
    EXPECT_EQ(sent[0].address, sender_address);
    EXPECT_EQ(wire::decode_status_message(sent[0].bytes).receiver_id, 4711);
    EXPECT_EQ(counter(SystemCounter::status_messages_sent), 0);

    clock.advance(1s);
    step();
    deliver(stream.data(0, 32));
    EXPECT_THAT(socket.take_sent(), IsEmpty());

    clock.advance(1ns);
    step();
    deliver(stream.data(0, 32));
    EXPECT_THAT(socket.take_sent(), SizeIs(1));
}

// spec: 04-C55, 04-C56
TEST_F(ReceivingEndpoint, AsksForNothingThatNobodyWantsAndNothingThatHasEnded) {
    ArrivingStream unwanted = stream;
    unwanted.stream_id = 1002;

    deliver(unwanted.data(0, 32));
    deliver(encoded(unwanted.setup()));
    deliver(stream.end_of_stream(64));

    EXPECT_THAT(socket.take_sent(), IsEmpty());
    EXPECT_THAT(take_events(), IsEmpty());
}

TEST_F(ReceivingEndpoint, AsksAtTheControlAddressOfAGroup) {
    ReceiveDestination& group = make_destination({.is_multicast = true, .control = control_address});
    ReceiveEndpoint& multicast = make_endpoint({&group}, {.receiver_id = 4712});
    command(receiver_command::AddEndpoint{.endpoint = &multicast});
    command(receiver_command::AddInterest{.endpoint = &multicast, .stream_id = stream.stream_id});
    EXPECT_THAT(socket_of(group).take_sent(), IsEmpty()) << "nobody is told of receivers of a group";

    ReceiverFixture::deliver(group, stream.data(0, 32));

    const std::vector<SentFrame> sent = socket_of(group).take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].address, control_address);
    clock.advance(2s);
    step();
    EXPECT_THAT(socket_of(group).take_sent(), IsEmpty());
}

TEST_F(ReceivingEndpoint, MakesItselfKnownAtAnExplicitControlAddressAsLongAsItWantsSomething) {
    ReceiveDestination& controlled = make_destination({.control = control_address});
    RecordingSocket& controlled_socket = socket_of(controlled);
    ReceiveEndpoint& dynamic = make_endpoint({&controlled}, {.receiver_id = 4712});

    command(receiver_command::AddEndpoint{.endpoint = &dynamic});
    const std::vector<SentFrame> sent = controlled_socket.take_sent();
    EXPECT_THAT(setup_requests(sent), ElementsAre(StreamSession{}));
    EXPECT_EQ(sent[0].address, control_address);

    clock.advance(2s);
    step();
    EXPECT_THAT(controlled_socket.take_sent(), IsEmpty()) << "it wants nothing yet";

    command(receiver_command::AddInterest{.endpoint = &dynamic, .stream_id = 5});
    EXPECT_THAT(setup_requests(controlled_socket.take_sent()), ElementsAre(StreamSession{}));
    clock.advance(1s);
    step();
    EXPECT_THAT(controlled_socket.take_sent(), IsEmpty());
    clock.advance(1ns);
    step();
    EXPECT_THAT(controlled_socket.take_sent(), SizeIs(1));

    command(receiver_command::RemoveInterest{.endpoint = &dynamic, .stream_id = 5});
    clock.advance(2s);
    step();
    EXPECT_THAT(controlled_socket.take_sent(), IsEmpty());
}

TEST_F(ReceivingEndpoint, AsksForAWantedSessionAtEveryControlAddress) {
    ReceiveDestination& first = make_destination({.control = control_address});
    ReceiveDestination& second = make_destination({.control = address_of(8, 50'000)});
    ReceiveDestination& uncontrolled = make_destination();
    ReceiveEndpoint& response = make_endpoint({&first, &second, &uncontrolled});
    command(receiver_command::AddEndpoint{.endpoint = &response});
    static_cast<void>(socket_of(first).take_sent());
    static_cast<void>(socket_of(second).take_sent());

    command(receiver_command::AddInterest{
        .endpoint = &response, .stream_id = stream.stream_id, .session_id = stream.id().session_id});
    EXPECT_THAT(setup_requests(socket_of(first).take_sent()), ElementsAre(stream.id()));
    EXPECT_THAT(setup_requests(socket_of(second).take_sent()), ElementsAre(stream.id()));
    EXPECT_THAT(socket_of(uncontrolled).take_sent(), IsEmpty());

    command(receiver_command::RequestSetup{
        .endpoint = &response, .stream_id = stream.stream_id, .session_id = stream.id().session_id});
    EXPECT_THAT(setup_requests(socket_of(first).take_sent()), ElementsAre(stream.id()));
    EXPECT_THAT(setup_requests(socket_of(second).take_sent()), ElementsAre(stream.id()));
}

// spec: 04-C62, 04-C63
TEST_F(ReceivingEndpoint, SignsEveryStatusMessageWithItsReceiverIdAndGroupTag) {
    ReceiveDestination& tagged = make_destination();
    RecordingSocket& tagged_socket = socket_of(tagged);
    ReceiveEndpoint& group_member = make_endpoint({&tagged}, {.receiver_id = -5, .group_tag = 123});
    command(receiver_command::AddEndpoint{.endpoint = &group_member});
    command(receiver_command::AddInterest{.endpoint = &group_member, .stream_id = stream.stream_id});
    ArrivingStream other = stream;
    other.session_id = 99;
    TestImage first = make_image(group_member, tagged);
    TestImage second = make_image(group_member, tagged, {.stream = other});
    ArrivingStream unknown = stream;
    unknown.session_id = 100;

    command(receiver_command::AddImage{.image = first.receiver.get()});
    command(receiver_command::AddImage{.image = second.receiver.get()});
    ReceiverFixture::deliver(tagged, unknown.data(0, 32));

    const std::vector<SentFrame> sent = tagged_socket.take_sent();
    ASSERT_THAT(sent, SizeIs(3));
    for (const SentFrame& frame : sent) {
        EXPECT_EQ(frame.bytes.size(), 44U);
        EXPECT_EQ(wire::decode_status_message(frame.bytes).receiver_id, -5);
        EXPECT_EQ(wire::decode_status_message(frame.bytes).group_tag, 123);
    }
}

// A thousand NAKs in one cycle overflowed the socket of a sender that had the same thread.
TEST_F(ReceivingEndpoint, SixteenImagesAnswerInACycleAndTheOthersInTheNext) {
    std::vector<TestImage> images;
    for (std::int32_t i = 0; i < 20; ++i) {
        ArrivingStream one = stream;
        one.session_id = 100 + i;
        images.push_back(add_image({.stream = one}));
    }
    settle();
    static_cast<void>(socket.take_sent());
    clock.advance(201ms);

    step();
    EXPECT_THAT(socket.take_sent(), SizeIs(16));
    step();
    EXPECT_THAT(socket.take_sent(), SizeIs(4));
    step();
    EXPECT_THAT(socket.take_sent(), IsEmpty());
}

// SETUPs.

// spec: 04-C57
TEST_F(ReceivingEndpoint, AsksForOneImageWithEverythingThatTheSetupSays) {
    wire::Setup setup = stream.setup(4'096);
    setup.flags = wire::setup_flag::send_response;

    deliver_setup(setup);
    deliver_setup(setup);

    const std::vector<CreateImage> created = take_events_of<CreateImage>();
    ASSERT_THAT(created, SizeIs(1));
    EXPECT_EQ(created[0].endpoint, &endpoint);
    EXPECT_EQ(created[0].destination, &destination);
    EXPECT_EQ(created[0].stream_id, stream.stream_id);
    EXPECT_EQ(created[0].session_id, stream.id().session_id);
    EXPECT_EQ(created[0].initial_term_id, 7);
    EXPECT_EQ(created[0].active_term_id, 7);
    EXPECT_EQ(created[0].term_offset, 4'096);
    EXPECT_EQ(created[0].term_length, 65'536);
    EXPECT_EQ(created[0].mtu_length, 1'408);
    EXPECT_EQ(created[0].flags, wire::setup_flag::send_response);
    EXPECT_EQ(created[0].source, sender_address);
}

// spec: 04-C58
TEST_F(ReceivingEndpoint, AsksAgainWhenTheConductorCouldNotMakeAnImage) {
    deliver_setup(stream.setup());
    ASSERT_THAT(take_events(), SizeIs(1));

    command(receiver_command::ClearInitInProgress{
        .endpoint = &endpoint, .stream_id = stream.stream_id, .session_id = stream.id().session_id});
    deliver_setup(stream.setup());

    EXPECT_THAT(take_events_of<CreateImage>(), SizeIs(1));
}

// spec: 04-C76
TEST_F(ReceivingEndpoint, LetsASessionCoolDownUntilTheConductorSaysOtherwise) {
    const TestImage image = add_image();
    command(receiver_command::RemoveImage{.image = image.receiver.get()});
    static_cast<void>(take_events());

    deliver_setup(stream.setup());
    deliver(stream.data(0, 32));
    EXPECT_THAT(take_events(), IsEmpty());
    EXPECT_THAT(socket.take_sent(), IsEmpty());

    command(receiver_command::ClearCoolDown{
        .endpoint = &endpoint, .stream_id = stream.stream_id, .session_id = stream.id().session_id});
    deliver(stream.data(0, 32));
    EXPECT_THAT(setup_requests(socket.take_sent()), ElementsAre(stream.id()));
    deliver_setup(stream.setup());
    EXPECT_THAT(take_events_of<CreateImage>(), SizeIs(1));
}

TEST_F(ReceivingEndpoint, NeedsNoCoolDownAfterTheEndOfAStream) {
    const TestImage image = add_image();
    deliver(stream.end_of_stream(0));
    command(receiver_command::RemoveImage{.image = image.receiver.get()});
    static_cast<void>(take_events());

    deliver_setup(stream.setup());

    EXPECT_THAT(take_events_of<CreateImage>(), SizeIs(1));
}

// spec: 04-C10
TEST_F(ReceivingEndpoint, DropsSetupsThatMakeNoSense) {
    for (const auto& [term_length, mtu_length] : {std::pair{3 * 65'536, 1'408}, {65'536, 1'400}, {65'536, 31}}) {
        wire::Setup setup = stream.setup();
        setup.term_length = term_length;
        setup.mtu_length = mtu_length;
        deliver_setup(setup);
    }

    EXPECT_EQ(counter(SystemCounter::invalid_packets), 3);
    EXPECT_THAT(take_events(), IsEmpty());
    EXPECT_THAT(error_texts(), SizeIs(2));
}

TEST_F(ReceivingEndpoint, SaysThatAStreamHasTooManyImages) {
    context.settings.stream_session_limit = 1;
    ReceiveDestination& limited_destination = make_destination();
    ReceiveEndpoint& limited = make_endpoint({&limited_destination});
    command(receiver_command::AddEndpoint{.endpoint = &limited});
    command(receiver_command::AddInterest{.endpoint = &limited, .stream_id = stream.stream_id});
    TestImage image = make_image(limited, limited_destination);
    command(receiver_command::AddImage{.image = image.receiver.get()});
    ArrivingStream next = stream;
    next.session_id = 2;

    ReceiverFixture::deliver(limited_destination, encoded(next.setup()));
    ReceiverFixture::deliver(limited_destination, encoded(stream.setup()));

    EXPECT_THAT(take_events(), IsEmpty());
    EXPECT_THAT(error_texts(), ElementsAre(testing::HasSubstr("exceeded session limit")));
}

TEST_F(ReceivingEndpoint, NoticesThatTheWayBackMayBeShorterThanTheWayHere) {
    ReceiveDestination& group = make_destination({.is_multicast = true, .control = control_address, .ttl = 4});
    ReceiveEndpoint& multicast = make_endpoint({&group});
    command(receiver_command::AddEndpoint{.endpoint = &multicast});
    command(receiver_command::AddInterest{.endpoint = &multicast, .stream_id = stream.stream_id});
    for (const std::int32_t ttl : {4, 5}) {
        ArrivingStream sender = stream;
        sender.session_id = ttl;
        wire::Setup setup = sender.setup();
        setup.ttl = ttl;
        ReceiverFixture::deliver(group, sender.data(0, 32));
        ReceiverFixture::deliver(group, encoded(setup));
    }

    EXPECT_EQ(counter(SystemCounter::possible_ttl_asymmetry), 1);
    EXPECT_THAT(take_events_of<CreateImage>(), SizeIs(2));
}

// Data.

TEST_F(ReceivingEndpoint, SharesARunAmongTheImagesItIsFor) {
    ArrivingStream other = stream;
    other.session_id = 2;
    const TestImage first = add_image();
    const TestImage second = add_image({.stream = other});

    deliver_run(destination, {stream.data(0, 32, 'a'), other.data(0, 32, 'b'), stream.data(64, 32, 'c'),
                              stream.data(128, 32, 'd'), other.data(64, 32, 'e')});

    EXPECT_EQ(first.high_water_mark.get(), 192);
    EXPECT_EQ(second.high_water_mark.get(), 128);
    EXPECT_EQ(first.payload_at(64), std::string(32, 'c'));
    EXPECT_EQ(second.payload_at(64), std::string(32, 'e'));
}

TEST_F(ReceivingEndpoint, GivesNothingMoreToAnImageThatWasRemoved) {
    const TestImage image = add_image();
    deliver(stream.data(0, 32));
    command(receiver_command::RemoveImage{.image = image.receiver.get()});

    deliver(stream.data(64, 32));

    EXPECT_EQ(image.high_water_mark.get(), 64);
}

TEST_F(ReceivingEndpoint, GivesNothingMoreToAnImageThatNobodyWants) {
    const TestImage image = add_image();
    deliver(stream.data(0, 32));
    command(receiver_command::RemoveInterest{.endpoint = &endpoint, .stream_id = stream.stream_id});

    deliver(stream.data(64, 32));

    EXPECT_EQ(image.high_water_mark.get(), 64);
}

TEST_F(ReceivingEndpoint, CountsTheBytesThatArrive) {
    deliver(stream.data(0, 32));
    deliver(Datagram(5));

    EXPECT_EQ(counter(SystemCounter::bytes_received), 69);
}

// spec: 04-C2
TEST_F(ReceivingEndpoint, CountsEachKindOfNonsenseEachTimeAndLogsItOnce) {
    const TestImage image = add_image();
    Datagram negative = stream.data(0, 32);
    negative[3] = std::byte{0x80};
    Datagram version_1 = stream.data(0, 32);
    version_1[4] = std::byte{1};
    Datagram reserved_type = stream.data(0, 32);
    reserved_type[6] = std::byte{0x08};
    Datagram unaligned = stream.data(0, 32);
    unaligned.resize(48);
    Datagram long_frame = encoded(stream.setup());
    long_frame[0] = std::byte{41};
    Datagram beyond_its_term = stream.data(0, 32);
    beyond_its_term[10] = std::byte{1};  // 65,536
    wire::Setup long_terms = stream.setup();
    long_terms.term_length = 3 * 65'536;
    wire::Setup odd_mtu = stream.setup();
    odd_mtu.mtu_length = 1'400;
    struct Nonsense {
        Datagram datagram;
        std::string text;
    };
    const std::vector<Nonsense> all{
        {Datagram(7), "datagram too short"},
        {negative, "frame length negative"},
        {version_1, "frame version unknown"},
        {reserved_type, "frame type unknown"},
        {unaligned, "length of a data datagram is no multiple of 32"},
        {long_frame, "frame length beyond the end of the datagram"},
        {beyond_its_term, "term offset outside of the term"},
        {encoded(long_terms), "term length of a SETUP not allowed"},
        {encoded(odd_mtu), "MTU of a SETUP not allowed"},
        {concatenated({stream.data(0, 32), Datagram(32)}), "data datagram is not made of whole, consecutive frames"},
    };

    std::int64_t expected = 0;
    std::vector<testing::Matcher<std::string>> texts;
    for (const auto& [datagram, text] : all) {
        for (int i = 0; i < 3; ++i) {
            deliver(datagram);
            EXPECT_EQ(counter(SystemCounter::invalid_packets), ++expected) << text;
        }
        texts.push_back(testing::HasSubstr("a receiver dropped a datagram: " + text));
    }

    EXPECT_THAT(error_texts(), testing::ElementsAreArray(texts));
    EXPECT_EQ(counter(SystemCounter::errors), static_cast<std::int64_t>(all.size()));
    EXPECT_EQ(image.high_water_mark.get(), 0);
    EXPECT_EQ(image.frame_length_at(0), 0);
}

TEST_F(ReceivingEndpoint, IgnoresFramesThatAreForSenders) {
    deliver(encoded(wire::Nak{.session_id = stream.session_id, .stream_id = stream.stream_id}));
    deliver(encoded(wire::StatusMessage{.session_id = stream.session_id, .stream_id = stream.stream_id}));
    deliver(encoded(wire::ResponseSetup{.session_id = stream.session_id, .stream_id = stream.stream_id}));

    EXPECT_EQ(counter(SystemCounter::invalid_packets), 0);
    EXPECT_THAT(socket.take_sent(), IsEmpty());
}

TEST_F(ReceivingEndpoint, LogsThatReceivingFailed) {
    endpoint.on_receive_error(5);

    EXPECT_THAT(error_texts(), ElementsAre(testing::HasSubstr("cannot receive")));
}

// Several destinations.

class TwoDestinations : public ReceiverFixture {
public:
    TwoDestinations() {
        command(receiver_command::AddEndpoint{.endpoint = &endpoint});
        command(receiver_command::AddInterest{.endpoint = &endpoint, .stream_id = stream.stream_id});
        command(receiver_command::AddImage{.image = image.receiver.get()});
        forget_sent();
    }
    void forget_sent() {
        static_cast<void>(first_socket.take_sent());
        static_cast<void>(second_socket.take_sent());
    }
    void next_status() {
        clock.advance(201ms);
        step();
    }

    ArrivingStream stream;
    ReceiveDestination& first = make_destination();
    ReceiveDestination& second = make_destination();
    RecordingSocket& first_socket = socket_of(first);
    RecordingSocket& second_socket = socket_of(second);
    net::SocketAddress second_sender = address_of(3, 40'000);
    ReceiveEndpoint& endpoint = make_endpoint({&first, &second});
    TestImage image = make_image(endpoint, first);
};

// spec: 04-C75
TEST_F(TwoDestinations, AnswerThroughTheirOwnSocketsAsLongAsSomethingComesIn) {
    next_status();
    EXPECT_THAT(first_socket.take_sent(), SizeIs(1));
    EXPECT_THAT(second_socket.take_sent(), IsEmpty()) << "nobody knows where to yet";

    deliver(second, stream.data(0, 32), second_sender);
    forget_sent();
    next_status();
    EXPECT_THAT(first_socket.take_sent(), SizeIs(1));
    const std::vector<SentFrame> sent = second_socket.take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].address, second_sender);
    EXPECT_EQ(image.log->metadata().active_transport_count, 2);

    clock.advance(4s);
    deliver(first, stream.data(64, 32));
    clock.advance(1s);
    forget_sent();
    next_status();
    EXPECT_THAT(first_socket.take_sent(), SizeIs(1));
    EXPECT_THAT(second_socket.take_sent(), IsEmpty());
}

// spec: 04-C74
TEST_F(TwoDestinations, EndTogetherAtTheHighestPosition) {
    deliver(second, stream.data(0, 32), second_sender);

    deliver(first, stream.end_of_stream(128));
    deliver(first, stream.end_of_stream(128));
    EXPECT_FALSE(image.signals().is_end_of_stream.load());

    deliver(second, stream.end_of_stream(64), second_sender);
    EXPECT_TRUE(image.signals().is_end_of_stream.load());
    EXPECT_EQ(image.log->metadata().end_of_stream_position, 128);
}

TEST_F(TwoDestinations, ASilentDestinationHoldsTheEndBackUntilItIsRemoved) {
    deliver(first, stream.end_of_stream(0));
    EXPECT_FALSE(image.signals().is_end_of_stream.load());

    command(receiver_command::RemoveDestination{.endpoint = &endpoint, .destination = &second});
    deliver(first, stream.end_of_stream(0));

    EXPECT_TRUE(image.signals().is_end_of_stream.load());
}

TEST_F(TwoDestinations, DropWhatTheOtherBroughtAlready) {
    deliver(first, stream.data(0, 32, 'a'));
    deliver(second, stream.data(0, 32, 'b'), second_sender);

    EXPECT_EQ(image.payload_at(0), std::string(32, 'a'));
}

TEST_F(TwoDestinations, ReportAGapToBothSenders) {
    deliver(second, stream.data(0, 32), second_sender);
    forget_sent();

    image.signals().gap.store({.term_id = 7, .term_offset = 64, .length = 32});
    step();

    EXPECT_THAT(first_socket.take_sent(), SizeIs(1));
    EXPECT_THAT(second_socket.take_sent(), SizeIs(1));
    EXPECT_EQ(counter(SystemCounter::naks_sent), 2);
    EXPECT_EQ(image.naks_sent.get(), 2);
}

TEST_F(TwoDestinations, ANewOneWithControlAddressIsSpokenToForFiveSecondsBeforeItBringsAnything) {
    ReceiveDestination& third = make_destination({.control = control_address});

    command(receiver_command::AddDestination{.endpoint = &endpoint, .destination = &third});
    EXPECT_THAT(setup_requests(socket_of(third).take_sent()), ElementsAre(StreamSession{}));
    next_status();
    ASSERT_THAT(socket_of(third).take_sent(), SizeIs(1));

    clock.advance(5s);
    step();
    for (const SentFrame& frame : socket_of(third).take_sent()) {
        EXPECT_EQ(wire::decode_status_message(frame.bytes).flags, wire::status_flag::send_setup);
    }
}

TEST_F(TwoDestinations, ARemovedOneNeitherReceivesNorSends) {
    deliver(second, stream.data(0, 32), second_sender);
    command(receiver_command::RemoveDestination{.endpoint = &endpoint, .destination = &second});
    forget_sent();

    deliver(second, stream.data(64, 32), second_sender);
    next_status();

    EXPECT_EQ(image.high_water_mark.get(), 64);
    EXPECT_THAT(second_socket.take_sent(), IsEmpty());
    EXPECT_FALSE(poller.has(second_socket));
    const auto released = take_events_of<receiver_event::DestinationReleased>();
    ASSERT_THAT(released, SizeIs(1));
    EXPECT_EQ(released[0].destination, &second);
}

TEST_F(ReceivingEndpoint, SendsControlFramesToTheExplicitAddressEvenIfDataComeFromElsewhere) {
    ReceiveDestination& controlled = make_destination({.control = control_address});
    ReceiveEndpoint& dynamic = make_endpoint({&controlled});
    command(receiver_command::AddEndpoint{.endpoint = &dynamic});
    command(receiver_command::AddInterest{.endpoint = &dynamic, .stream_id = stream.stream_id});
    TestImage image = make_image(dynamic, controlled);
    static_cast<void>(socket_of(controlled).take_sent());

    command(receiver_command::AddImage{.image = image.receiver.get()});
    EXPECT_EQ(socket_of(controlled).take_sent().at(0).address, control_address);

    const net::SocketAddress moved = address_of(10, 50'000);
    command(receiver_command::ChangeControlAddress{.endpoint = &dynamic, .destination = &controlled, .address = moved});
    image.signals().is_status_due.store(true);
    step();
    EXPECT_EQ(socket_of(controlled).take_sent().at(0).address, moved);
}

// Round trip time and time-stamps.

// spec: 04-C81
TEST_F(ReceivingEndpoint, EchoesARequestToMeasureTheRoundTripTime) {
    const wire::RttMeasurement request{.flags = wire::rtt_flag::reply_requested,
                                       .session_id = stream.session_id,
                                       .stream_id = stream.stream_id,
                                       .echo_timestamp_ns = 123'456'789,
                                       .reception_delta_ns = 5,
                                       .receiver_id = 0};
    wire::RttMeasurement expected = request;
    expected.flags = 0;
    expected.reception_delta_ns = 0;
    expected.receiver_id = 4711;

    deliver(encoded(request));

    const std::vector<SentFrame> sent = socket.take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(wire::decode_rtt_measurement(sent[0].bytes), expected);
    EXPECT_EQ(sent[0].address, sender_address);

    wire::RttMeasurement for_another = request;
    for_another.receiver_id = 4712;
    deliver(encoded(for_another));
    EXPECT_THAT(socket.take_sent(), IsEmpty());
}

std::int64_t word_at(const TestImage& image, const std::size_t position) {
    std::int64_t word = 0;
    std::memcpy(&word, image.log->bytes().data() + position, sizeof word);
    return word;
}

// spec: 04-C86, 04-C87
TEST_F(ReceivingEndpoint, StampsWhatArrivesWhereTheChannelAsksForIt) {
    ReceiveDestination& stamped = make_destination();
    ReceiveEndpoint& stamping =
        make_endpoint({&stamped}, {.receiver_id = 1,
                                   .media_receive_timestamp_offset = {.value = 8},
                                   .channel_receive_timestamp_offset = TimestampOffset::reserved()});
    command(receiver_command::AddEndpoint{.endpoint = &stamping});
    command(receiver_command::AddInterest{.endpoint = &stamping, .stream_id = stream.stream_id});
    TestImage image = make_image(stamping, stamped);
    command(receiver_command::AddImage{.image = image.receiver.get()});
    Datagram continuation = stream.data(64, 32, '\0', logbuffer::frame_flag::end);

    deliver_run(stamped, {stream.data(0, 32, '\0'), continuation}, sender_address, 77);
    EXPECT_EQ(word_at(image, 24), clock.epoch_ns());
    EXPECT_EQ(word_at(image, 32 + 8), 77);
    EXPECT_EQ(word_at(image, 64 + 24), 0);
    EXPECT_EQ(word_at(image, 64 + 32 + 8), 0);

    deliver_run(stamped, {stream.data(128, 32, '\0')});
    EXPECT_EQ(word_at(image, 128 + 24), clock.epoch_ns());
    EXPECT_EQ(word_at(image, 128 + 32 + 8), 0) << "the system had no time for it";
}

}  // namespace
}  // namespace cpperon::driver
