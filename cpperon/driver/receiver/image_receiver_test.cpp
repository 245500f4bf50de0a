#include "cpperon/driver/receiver/image_receiver.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/receiver/receiver_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int32_t half_a_term = 32'768;

class ReceivedImage : public OneEndpoint {
public:
    /// The status messages sent since this was called last.
    std::vector<wire::StatusMessage> statuses() {
        std::vector<wire::StatusMessage> statuses;
        for (const SentFrame& frame : socket.take_sent()) {
            EXPECT_EQ(frame.type(), wire::FrameType::status_message);
            statuses.push_back(wire::decode_status_message(frame.bytes));
        }
        return statuses;
    }
    /// Has the next status message sent, which moves what is accepted.
    void send_status(TestImage& image, const std::int64_t position) {
        image.signals().status.store({.position = position, .window_length = half_a_term});
        step();
        static_cast<void>(socket.take_sent());
    }
    [[nodiscard]] std::int64_t time_of_last_packet(const TestImage& image) const {
        return image.signals().time_of_last_packet_ns.load();
    }
};

// Insertion.

TEST_F(ReceivedImage, PutsFramesWhereTheyBelongAndRaisesTheHighWaterMark) {
    const TestImage image = add_image();

    deliver(stream.data(64, 20, 'b'));

    EXPECT_EQ(image.payload_at(64), std::string(20, 'b'));
    EXPECT_EQ(image.header_at(64).session_id, stream.session_id);
    EXPECT_EQ(image.high_water_mark.get(), 128);
    EXPECT_EQ(image.frame_length_at(0), 0);
}

TEST_F(ReceivedImage, TakesARunOfDatagramsAtOnce) {
    const TestImage image = add_image();
    const Datagram first = concatenated({stream.data(0, 100), stream.data(160, 64)});

    deliver_run(destination, {first, concatenated({stream.data(256, 100), stream.data(416, 64)}), stream.data(512, 1)});

    EXPECT_EQ(image.frame_length_at(0), 132);
    EXPECT_EQ(image.frame_length_at(160), 96);
    EXPECT_EQ(image.frame_length_at(416), 96);
    EXPECT_EQ(image.frame_length_at(512), 33);
    EXPECT_EQ(image.high_water_mark.get(), 576);
}

TEST_F(ReceivedImage, CountsPaddingInFullThoughItsHeaderAloneTravels) {
    const TestImage image = add_image();

    deliver(concatenated({stream.data(0, 32), stream.padding(64, 192)}));

    EXPECT_EQ(image.frame_length_at(64), 192);
    EXPECT_EQ(image.high_water_mark.get(), 256);
}

TEST_F(ReceivedImage, FollowsTermIdsThatWrap) {
    stream.initial_term_id = std::numeric_limits<std::int32_t>::max();
    const TestImage image = add_image({.stream = stream, .join_position = 65'536});

    deliver(stream.data(65'536, 8, 'w'));

    EXPECT_EQ(image.payload_at(65'536), "wwwwwwww");
    EXPECT_EQ(image.header_at(65'536).term_id, std::numeric_limits<std::int32_t>::min());
}

TEST_F(ReceivedImage, UsesTheFirstPartitionAgainForTheFourthTerm) {
    const TestImage image = add_image({.join_position = 3 * 65'536});

    deliver(stream.data(3 * 65'536 + 32, 4, 'x'));

    EXPECT_EQ(image.payload_at(32), "xxxx");
}

TEST_F(ReceivedImage, IgnoresTermsBeforeTheFirstOneSilently) {
    const TestImage image = add_image();

    deliver(stream.data(-64, 32));

    EXPECT_EQ(image.high_water_mark.get(), 0);
    EXPECT_EQ(counter(SystemCounter::flow_control_under_runs), 0);
    EXPECT_EQ(counter(SystemCounter::invalid_packets), 0);
}

// spec: 04-C66
TEST_F(ReceivedImage, LeavesTheLogAloneWhenSomethingComesTwice) {
    const TestImage image = add_image();
    deliver(stream.data(0, 32, 'a'));

    deliver(stream.data(0, 32, 'b'));
    deliver(concatenated({stream.data(0, 32, 'c'), stream.data(64, 32, 'd')}));

    EXPECT_EQ(image.payload_at(0), std::string(32, 'a'));
    EXPECT_EQ(image.frame_length_at(64), 0);
}

// spec: 04-C13
TEST_F(ReceivedImage, NeitherWritesNorLivesOnAnInvalidPacket) {
    const TestImage image = add_image();
    const std::int64_t created_ns = now_ns();
    clock.advance(1s);
    Datagram trailing = stream.data(0, 100);
    trailing.resize(trailing.size() + 32);

    deliver(trailing);

    EXPECT_EQ(counter(SystemCounter::invalid_packets), 1);
    EXPECT_EQ(image.frame_length_at(0), 0);
    EXPECT_EQ(image.high_water_mark.get(), 0);
    EXPECT_EQ(time_of_last_packet(image), created_ns);
}

// spec: 04-C72
TEST_F(ReceivedImage, LivesOnWhateverIsAccepted) {
    const TestImage image = add_image();
    clock.advance(1s);

    deliver(stream.data(0, 32));
    EXPECT_EQ(time_of_last_packet(image), now_ns());

    clock.advance(1s);
    deliver(stream.heartbeat(64));
    EXPECT_EQ(time_of_last_packet(image), now_ns());
}

// spec: 04-C64
TEST_F(ReceivedImage, RefusesWhatIsBeyondHalfATermAfterTheLastStatusMessage) {
    TestImage image = add_image();
    clock.advance(1s);
    const std::int64_t lived_ns = time_of_last_packet(image);

    deliver(stream.data(half_a_term, 0));
    EXPECT_EQ(counter(SystemCounter::flow_control_over_runs), 1);
    EXPECT_EQ(image.frame_length_at(half_a_term), 0);
    EXPECT_EQ(image.high_water_mark.get(), 0);
    EXPECT_EQ(time_of_last_packet(image), lived_ns);

    deliver(stream.data(half_a_term - 1'344, 1'312));
    EXPECT_EQ(counter(SystemCounter::flow_control_over_runs), 1);
    EXPECT_EQ(image.high_water_mark.get(), half_a_term);

    send_status(image, 64);
    deliver(stream.data(half_a_term, 32));
    EXPECT_EQ(image.high_water_mark.get(), half_a_term + 64);
}

TEST_F(ReceivedImage, RefusesHeartbeatsBeyondTheSameBound) {
    const TestImage image = add_image();

    deliver(stream.heartbeat(half_a_term + 32));
    EXPECT_EQ(counter(SystemCounter::flow_control_over_runs), 1);
    EXPECT_EQ(counter(SystemCounter::heartbeats_received), 0);

    deliver(stream.heartbeat(half_a_term));
    EXPECT_EQ(counter(SystemCounter::heartbeats_received), 1);
    EXPECT_EQ(image.high_water_mark.get(), half_a_term);
}

// spec: 04-C65
TEST_F(ReceivedImage, CountsOldDataWithoutLivingOnIt) {
    TestImage image = add_image();
    send_status(image, 4'096);
    const std::int64_t lived_ns = time_of_last_packet(image);
    clock.advance(1s);

    deliver(stream.data(4'064, 0));

    EXPECT_EQ(counter(SystemCounter::flow_control_under_runs), 1);
    EXPECT_EQ(image.frame_length_at(4'064), 0);
    EXPECT_EQ(time_of_last_packet(image), lived_ns);

    deliver(stream.data(4'096, 0));
    EXPECT_EQ(counter(SystemCounter::flow_control_under_runs), 1);
    EXPECT_EQ(time_of_last_packet(image), now_ns());
}

TEST_F(ReceivedImage, OldDataWithinAWindowKeepsTheConnectionAlive) {
    TestImage image = add_image({.window_length = 1'024});
    send_status(image, 4'096);

    clock.advance(4s);
    deliver(stream.data(3'040, 0));  // ends at 3,072: just within
    static_cast<void>(socket.take_sent());
    clock.advance(4s);
    step();
    EXPECT_THAT(statuses(), SizeIs(1));

    deliver(stream.data(3'008, 0));  // ends at 3,040
    clock.advance(1s);
    step();
    EXPECT_THAT(statuses(), IsEmpty());
    EXPECT_EQ(counter(SystemCounter::flow_control_under_runs), 2);
}

TEST_F(ReceivedImage, HeartbeatsMayBeATermOld) {
    TestImage image = add_image({.join_position = 2 * 65'536});
    send_status(image, 2 * 65'536);

    deliver(stream.heartbeat(65'536));
    EXPECT_EQ(counter(SystemCounter::heartbeats_received), 1);

    deliver(stream.heartbeat(65'504));
    EXPECT_EQ(counter(SystemCounter::heartbeats_received), 1);
    EXPECT_EQ(counter(SystemCounter::flow_control_under_runs), 1);
    EXPECT_EQ(image.high_water_mark.get(), 2 * 65'536);
}

// spec: 04-C67
TEST_F(ReceivedImage, AHeartbeatBeyondTheLastDataRaisesTheHighWaterMark) {
    const TestImage image = add_image();
    deliver(stream.data(0, 1'376));

    deliver(stream.heartbeat(2'816));

    EXPECT_EQ(image.high_water_mark.get(), 2'816);
    EXPECT_EQ(counter(SystemCounter::heartbeats_received), 1);
}

TEST_F(ReceivedImage, GoesOnWithTheNextDatagramOfARunAfterOneThatIsNotBelieved) {
    const TestImage image = add_image();
    Datagram hostile = stream.data(64, 32);
    hostile[0] = std::byte{0xFF};

    deliver_run(destination, {stream.data(0, 32), hostile, stream.data(128, 32)});

    EXPECT_EQ(image.high_water_mark.get(), 192);
    EXPECT_EQ(image.frame_length_at(64), 0);
    EXPECT_EQ(counter(SystemCounter::invalid_packets), 1);
}

// Status messages.

// spec: 04-C59
TEST_F(ReceivedImage, AnnouncesItsJoinPositionAtOnce) {
    TestImage image = make_image(endpoint, destination, {.join_position = 65'536 + 96});

    command(receiver_command::AddImage{.image = image.receiver.get()});

    EXPECT_THAT(statuses(), testing::ElementsAre(wire::StatusMessage{.session_id = stream.session_id,
                                                                     .stream_id = stream.stream_id,
                                                                     .consumption_term_id = 8,
                                                                     .consumption_term_offset = 96,
                                                                     .receiver_window = half_a_term,
                                                                     .receiver_id = 4711}));
    EXPECT_EQ(counter(SystemCounter::status_messages_sent), 1);
    EXPECT_EQ(image.log->metadata().active_transport_count, 1);
}

// spec: 04-C60
TEST_F(ReceivedImage, RepeatsItsStatusAfterTheTimeoutWhenNothingMoves) {
    const TestImage image = add_image();

    clock.advance(200ms);
    step();
    EXPECT_THAT(statuses(), IsEmpty());

    clock.advance(1ns);
    step();
    step();
    EXPECT_THAT(statuses(), SizeIs(1));

    clock.advance(200ms);
    step();
    EXPECT_THAT(statuses(), IsEmpty());
}

// spec: 04-C60
TEST_F(ReceivedImage, SendsWhatTheConductorSchedulesAtOnce) {
    TestImage image = add_image();

    image.signals().status.store({.position = 8'192, .window_length = 16'384});
    step();
    step();

    const std::vector<wire::StatusMessage> sent = statuses();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].consumption_term_offset, 8'192);
    EXPECT_EQ(sent[0].receiver_window, 16'384);
}

TEST_F(ReceivedImage, SendsAStatusMessageWhenTheConductorWantsOneNow) {
    TestImage image = add_image();

    image.signals().is_status_due.store(true);
    step();
    step();

    EXPECT_THAT(statuses(), SizeIs(1));
    EXPECT_FALSE(image.signals().is_status_due.load());
}

// spec: 04-C73
TEST_F(ReceivedImage, SaysThatItLeaves) {
    TestImage image = add_image();

    image.signals().is_leaving.store(true);
    clock.advance(201ms);
    step();

    EXPECT_THAT(statuses(), testing::ElementsAre(testing::Field(&wire::StatusMessage::flags, 0x40)));
}

TEST_F(ReceivedImage, FallsSilentFiveSecondsAfterTheLastFrame) {
    const TestImage image = add_image();

    clock.advance(5s - 1ns);
    step();
    EXPECT_THAT(statuses(), SizeIs(1));

    clock.advance(1s);
    step();
    EXPECT_THAT(statuses(), IsEmpty());

    deliver(stream.heartbeat(0));
    clock.advance(201ms);
    step();
    EXPECT_FALSE(statuses().empty());
}

TEST_F(ReceivedImage, StopsCountingATransportAsActiveAfterTheLivenessTimeout) {
    const TestImage image = add_image();

    clock.advance(10s);
    step();
    EXPECT_EQ(image.log->metadata().active_transport_count, 1);

    clock.advance(201ms);
    step();
    EXPECT_EQ(image.log->metadata().active_transport_count, 0);
}

TEST_F(ReceivedImage, LeavesTheSpeakingToANewerImageOfTheSession) {
    const TestImage older = add_image();
    const TestImage newer = add_image({.join_position = 4'096});

    clock.advance(201ms);
    step();

    const std::vector<wire::StatusMessage> sent = statuses();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].consumption_term_offset, 4'096);
}

TEST_F(ReceivedImage, CountsAStatusMessageThatDidNotLeaveAsAShortSend) {
    TestImage image = add_image();
    socket.refusal = net::SendOutcome{};

    image.signals().status.store({.position = 64, .window_length = half_a_term});
    step();

    EXPECT_EQ(counter(SystemCounter::short_sends), 1);
    EXPECT_EQ(counter(SystemCounter::status_messages_sent), 1);
    EXPECT_THAT(error_texts(), IsEmpty());
}

TEST_F(ReceivedImage, LogsWhySomethingCannotBeSent) {
    TestImage image = add_image();
    socket.refusal = net::SendOutcome{.system_error = 101};

    for (int i = 1; i <= 3; ++i) {
        image.signals().status.store({.position = i * 64, .window_length = half_a_term});
        step();
    }

    EXPECT_EQ(counter(SystemCounter::short_sends), 3);
    EXPECT_EQ(counter(SystemCounter::errors), 3);
    EXPECT_THAT(error_texts(), SizeIs(1));
}

// Loss.

TEST_F(ReceivedImage, SendsOneNakPerReportedGap) {
    TestImage image = add_image();

    image.signals().gap.store({.term_id = 7, .term_offset = 1'408, .length = 2'816});
    step();
    step();

    const std::vector<SentFrame> sent = socket.take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(wire::decode_nak(sent[0].bytes), (wire::Nak{.session_id = stream.session_id,
                                                          .stream_id = stream.stream_id,
                                                          .term_id = 7,
                                                          .term_offset = 1'408,
                                                          .gap_length = 2'816}));
    EXPECT_EQ(sent[0].address, sender_address);
    EXPECT_EQ(counter(SystemCounter::naks_sent), 1);
    EXPECT_EQ(image.naks_sent.get(), 1);
}

// spec: 04-C70
TEST_F(ReceivedImage, FillsTheGapsOfAnUnreliableStreamWithoutANak) {
    TestImage image = add_image({.is_reliable = false});
    deliver(stream.data(0, 32));
    deliver(stream.data(128, 32));

    image.signals().gap.store({.term_id = 7, .term_offset = 64, .length = 64});
    step();

    EXPECT_THAT(socket.take_sent(), IsEmpty());
    EXPECT_EQ(image.frame_length_at(64), 64);
    EXPECT_EQ(image.header_at(64).type, logbuffer::padding_type);
    EXPECT_EQ(image.header_at(64).term_id, 7);
    EXPECT_EQ(counter(SystemCounter::loss_gap_fills), 1);
}

TEST_F(ReceivedImage, DoesNotFillAGapThatIsNoLongerOne) {
    TestImage image = add_image({.is_reliable = false});
    deliver(stream.data(64, 0));

    image.signals().gap.store({.term_id = 7, .term_offset = 0, .length = 128});
    step();

    EXPECT_EQ(image.frame_length_at(0), 0);
    EXPECT_EQ(counter(SystemCounter::loss_gap_fills), 0);
}

TEST_F(ReceivedImage, DoesNothingAboutLossInARevokedStream) {
    TestImage image = add_image();
    deliver(stream.revocation(1'024));

    image.signals().gap.store({.term_id = 7, .term_offset = 0, .length = 1'024});
    step();

    EXPECT_THAT(socket.take_sent(), IsEmpty());
}

// The end.

TEST_F(ReceivedImage, KnowsWhereTheStreamEnds) {
    const TestImage image = add_image();
    const std::int64_t unknown = image.log->metadata().end_of_stream_position;

    deliver(stream.heartbeat(64));
    EXPECT_FALSE(image.signals().is_end_of_stream.load());
    EXPECT_EQ(image.log->metadata().end_of_stream_position, unknown);

    deliver(stream.end_of_stream(64));
    EXPECT_TRUE(image.signals().is_end_of_stream.load());
    EXPECT_EQ(image.log->metadata().end_of_stream_position, 64);
    EXPECT_EQ(image.high_water_mark.get(), 64);
    EXPECT_EQ(image.log->metadata().is_publication_revoked, 0);
}

TEST_F(ReceivedImage, StillTakesWhatIsMissingAfterTheEnd) {
    const TestImage image = add_image();
    deliver(stream.end_of_stream(64));

    deliver(stream.data(0, 32, 'z'));

    EXPECT_EQ(image.payload_at(0), std::string(32, 'z'));
}

TEST_F(ReceivedImage, IsRevokedOnce) {
    const TestImage image = add_image();

    deliver(stream.revocation(0));
    deliver(stream.revocation(0));

    EXPECT_TRUE(image.signals().is_end_of_stream.load());
    EXPECT_EQ(image.log->metadata().is_publication_revoked, 1);
    EXPECT_EQ(counter(SystemCounter::publication_images_revoked), 1);
}

// spec: 04-C78
TEST_F(ReceivedImage, AnswersWithErrorsInsteadOfStatusMessagesOnceRejected) {
    TestImage image = add_image();

    command(receiver_command::RejectImage{.image = image.receiver.get(), .reason = "rejected"});
    image.signals().status.store({.position = 64, .window_length = half_a_term});
    step();
    EXPECT_THAT(socket.take_sent(), IsEmpty());

    for (int i = 1; i <= 3; ++i) {
        clock.advance(200ms + 1ns);
        step();
        step();

        const std::vector<SentFrame> sent = socket.take_sent();
        ASSERT_THAT(sent, SizeIs(1));
        EXPECT_EQ(wire::try_decode_error(sent[0].bytes), (wire::ErrorFrame{.session_id = stream.session_id,
                                                                           .stream_id = stream.stream_id,
                                                                           .receiver_id = 4711,
                                                                           .error_code = 13,
                                                                           .text = "rejected"}));
        EXPECT_EQ(counter(SystemCounter::error_frames_sent), i);
    }
}

TEST_F(ReceivedImage, InsertsNothingAndDoesNotLiveOnOnceRejected) {
    const TestImage image = add_image();
    command(receiver_command::RejectImage{.image = image.receiver.get(), .reason = "no"});
    const std::int64_t lived_ns = time_of_last_packet(image);
    clock.advance(6s);

    deliver(stream.data(0, 32));

    EXPECT_EQ(image.frame_length_at(0), 0);
    EXPECT_EQ(time_of_last_packet(image), lived_ns);
    EXPECT_THAT(socket.take_sent(), SizeIs(1)) << "errors do not wait for frames";
}

TEST_F(ReceivedImage, CutsAReasonThatNoErrorFrameCarries) {
    const TestImage image = add_image();
    command(receiver_command::RejectImage{.image = image.receiver.get(), .reason = std::string(5'000, 'r')});
    clock.advance(201ms);

    step();

    const std::vector<SentFrame> sent = socket.take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].bytes.size(), 1'063U);
}

// Response channels.

// spec: 04-C82, 04-C83
TEST_F(ReceivedImage, OffersItsResponseChannelBeforeEveryStatusMessageUntilItIsConnected) {
    TestImage image = add_image();
    image.signals().response_session_id.store(0x55667788);
    image.signals().is_status_due.store(true);

    for (int i = 0; i < 2; ++i) {
        step();
        const std::vector<SentFrame> sent = socket.take_sent();
        ASSERT_THAT(sent, SizeIs(2));
        EXPECT_EQ(wire::decode_response_setup(sent[0].bytes), (wire::ResponseSetup{.session_id = stream.session_id,
                                                                                   .stream_id = stream.stream_id,
                                                                                   .response_session_id = 0x55667788}));
        EXPECT_EQ(sent[1].type(), wire::FrameType::status_message);
        clock.advance(201ms);
    }

    image.signals().status.store({.position = 32, .window_length = half_a_term});
    image.signals().response_session_id.store(ImageSignals::no_response_session);
    step();
    EXPECT_THAT(statuses(), SizeIs(1));
}

TEST_F(ReceivedImage, ProgressAloneDoesNotOfferTheResponseChannelAgain) {
    TestImage image = add_image();
    image.signals().response_session_id.store(-1);

    image.signals().status.store({.position = 32, .window_length = half_a_term});
    step();

    EXPECT_THAT(statuses(), SizeIs(1));
}

// Round trip time.

class MeasuringImage : public ReceivedImage {
public:
    MeasuringImage() {
        command(receiver_command::AddImage{.image = image.receiver.get()});
        first_request = requests();
    }
    std::vector<wire::RttMeasurement> requests() {
        std::vector<wire::RttMeasurement> requests;
        for (const SentFrame& frame : socket.take_sent()) {
            if (frame.type() == wire::FrameType::rtt_measurement) {
                requests.push_back(wire::decode_rtt_measurement(frame.bytes));
            }
        }
        return requests;
    }
    void answer(const std::int64_t echo_ns, const std::int64_t delta_ns = 0, const std::int64_t receiver_id = 4711) {
        deliver(encoded(wire::RttMeasurement{.session_id = stream.session_id,
                                             .stream_id = stream.stream_id,
                                             .echo_timestamp_ns = echo_ns,
                                             .reception_delta_ns = delta_ns,
                                             .receiver_id = receiver_id}));
    }
    [[nodiscard]] std::int64_t rtt_ns() const { return image.signals().rtt_ns.load(); }

    TestImage image = make_image(endpoint, destination, {.measures_rtt = true});
    std::vector<wire::RttMeasurement> first_request;
};

TEST_F(MeasuringImage, AsksAtOnceAndThenAfterFourTimesTheInitialValue) {
    EXPECT_THAT(first_request, testing::ElementsAre(wire::RttMeasurement{.flags = 0x80,
                                                                         .session_id = stream.session_id,
                                                                         .stream_id = stream.stream_id,
                                                                         .echo_timestamp_ns = now_ns(),
                                                                         .receiver_id = 4711}));
    clock.advance(400us);
    step();
    EXPECT_THAT(requests(), IsEmpty());

    clock.advance(1ns);
    step();
    EXPECT_THAT(requests(), SizeIs(1));
}

TEST_F(MeasuringImage, TakesTheTimeThatAnAnswerTookAndWaitsFourTimesAsLong) {
    const std::int64_t asked_ns = now_ns();
    clock.advance(350us);

    answer(asked_ns, 50'000);

    EXPECT_EQ(rtt_ns(), 300'000);
    clock.advance(850us);
    step();
    EXPECT_THAT(requests(), IsEmpty());
    clock.advance(1ns);
    step();
    EXPECT_THAT(requests(), SizeIs(1));
}

// spec: 04-C81
TEST_F(MeasuringImage, TakesAnswersForItselfAndForAnybodyOnly) {
    const std::int64_t asked_ns = now_ns();
    clock.advance(300us);

    answer(asked_ns, 0, 4712);
    EXPECT_EQ(rtt_ns(), 0);
    answer(asked_ns, 0, 0);
    EXPECT_EQ(rtt_ns(), 300'000);
}

TEST_F(MeasuringImage, DoesNotBelieveAnswersFromTheFutureOrTheDistantPast) {
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    clock.advance(1s);

    for (const std::int64_t echo_ns : {now_ns() + 1, std::int64_t{0}, lowest, highest}) {
        answer(echo_ns);
    }
    for (const std::int64_t delta_ns : {std::int64_t{-1}, std::int64_t{1'000'001}, lowest, highest}) {
        answer(now_ns() - 1'000'000, delta_ns);
    }

    EXPECT_EQ(rtt_ns(), 0);
}

TEST_F(ReceivedImage, DoesNotMeasureUnlessTold) {
    const TestImage image = add_image();
    clock.advance(100ms);

    step();
    deliver(encoded(wire::RttMeasurement{.session_id = stream.session_id,
                                         .stream_id = stream.stream_id,
                                         .echo_timestamp_ns = now_ns() - 100,
                                         .receiver_id = 4711}));

    EXPECT_THAT(socket.take_sent(), IsEmpty());
    EXPECT_EQ(image.signals().rtt_ns.load(), 0);
}

}  // namespace
}  // namespace cpperon::driver
