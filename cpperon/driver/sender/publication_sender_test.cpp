/// What a publication sends, and when.
#include "cpperon/driver/sender/publication_sender.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/sender/sender_fixture.hpp"

namespace cpperon::driver {
namespace {

using logbuffer::FrameType;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using PublicationSenderTest = SenderTest;

// SETUP.

// spec: 04-C14
TEST_F(PublicationSenderTest, SendsASetupAtOnceAndThenOneEvery100MillisecondsUntilTheFirstStatusMessage) {
    TestStream& stream = add_stream();
    EXPECT_THAT(take_setups(), SizeIs(1));

    step_after(100ms);
    EXPECT_THAT(take_setups(), IsEmpty());
    step_after(1ns);
    EXPECT_THAT(take_setups(), SizeIs(1));
    step_after(101ms);
    EXPECT_THAT(take_setups(), SizeIs(1));

    say(stream, {});
    step_after(10s);
    EXPECT_THAT(take_setups(), IsEmpty());
}

TEST_F(PublicationSenderTest, TheSetupSaysWhatTheStreamIs) {
    add_stream();

    EXPECT_THAT(take_setups(), ElementsAre(wire::Setup{.flags = 0,
                                                       .term_offset = 0,
                                                       .session_id = 0x11223344,
                                                       .stream_id = 1001,
                                                       .initial_term_id = 7,
                                                       .active_term_id = 7,
                                                       .term_length = 65'536,
                                                       .mtu_length = 1'408,
                                                       .ttl = 0}));
}

// spec: 04-C15
TEST_F(PublicationSenderTest, SendsNeitherDataNorHeartbeatsBeforeTheFirstStatusMessage) {
    TestStream& stream = add_stream();
    stream.append(128);

    for (int i = 0; i < 20; ++i) {
        step_after(101ms);
    }

    EXPECT_THAT(take_data(), IsEmpty());
    EXPECT_EQ(stream.sender_position, 0);
    EXPECT_EQ(count(SystemCounter::heartbeats_sent), 0);
    EXPECT_EQ(count(SystemCounter::bytes_sent), 0);
}

// spec: 04-C16
TEST_F(PublicationSenderTest, SendsNoFurtherSetupAfterTheFirstStatusMessageUnlessAsked) {
    TestStream& stream = add_connected_stream();

    for (int i = 0; i < 100; ++i) {
        step_after(101ms);  // the receiver is forgotten meanwhile
    }
    EXPECT_THAT(take_setups(), IsEmpty());
    EXPECT_FALSE(stream.publication->signals().has_receivers);

    ask_for_setup(stream);
    step();
    EXPECT_THAT(take_setups(), SizeIs(1));
}

// spec: 04-C17
TEST_F(PublicationSenderTest, AnElicitedSetupIsRepeatedUntilAReceiverIsThere) {
    TestStream& stream = add_connected_stream();
    step_after(6s);
    step();
    ASSERT_FALSE(stream.publication->signals().has_receivers);

    ask_for_setup(stream);
    step();
    EXPECT_THAT(take_setups(), SizeIs(1));
    for (int i = 0; i < 3; ++i) {
        step_after(100ms);
        EXPECT_THAT(take_setups(), IsEmpty());
        step_after(1ns);
        EXPECT_THAT(take_setups(), SizeIs(1));
    }

    say(stream, {});
    step_after(101ms);
    EXPECT_THAT(take_setups(), SizeIs(1));  // this one and no more
    step_after(101ms);
    EXPECT_THAT(take_setups(), IsEmpty());
}

TEST_F(PublicationSenderTest, WithALiveReceiverAnElicitedSetupIsSentOnce) {
    TestStream& stream = add_connected_stream();
    step_after(101ms);

    ask_for_setup(stream);
    step_after(101ms);
    step_after(101ms);

    EXPECT_THAT(take_setups(), SizeIs(1));
}

// spec: 04-C18
TEST_F(PublicationSenderTest, TheSetupStandsAtTheSendersPosition) {
    TestStream& stream = add_connected_stream();
    stream.append_many(40, 1'408);
    step();
    say(stream, {.position = 32'384});
    step_after(101ms);
    ASSERT_EQ(stream.sender_position, 40 * 1'408);
    while (stream.tail < 65'536) {
        stream.append(static_cast<std::int32_t>(std::min<std::int64_t>(1'408, 65'536 - stream.tail)));
    }
    stream.append(96);
    say(stream, {.position = 56'320});
    step();
    step();
    ASSERT_EQ(stream.sender_position, 65'536 + 96);

    ask_for_setup(stream);
    step();

    const std::vector<wire::Setup> setups = take_setups();
    ASSERT_THAT(setups, SizeIs(1));
    EXPECT_EQ(setups[0].active_term_id, 8);
    EXPECT_EQ(setups[0].term_offset, 96);
    EXPECT_EQ(setups[0].initial_term_id, 7);
}

// spec: 04-C18
TEST_F(PublicationSenderTest, AStreamMayStartAnywhere) {
    add_stream([](StreamSettings& settings) {
        settings.log.initial_term_id = 2'147'483'647;
        settings.start_position = 65'600;
    });

    EXPECT_THAT(take_setups(), ElementsAre(AllOf(Field(&wire::Setup::active_term_id, -2'147'483'647 - 1),
                                                 Field(&wire::Setup::term_offset, 64))));
}

// spec: 04-C19
TEST_F(PublicationSenderTest, TheSetupSaysWhetherThereIsAGroup) {
    add_stream([](StreamSettings& settings) { settings.has_group_semantics = true; });
    EXPECT_THAT(take_setups(), ElementsAre(Field(&wire::Setup::flags, 0x40)));

    add_stream([](StreamSettings& settings) { settings.log.session_id = 2; });
    EXPECT_THAT(take_setups(), ElementsAre(Field(&wire::Setup::flags, 0)));
}

// spec: 04-C20
TEST_F(PublicationSenderTest, TheSetupAsksForAResponseIffTheChannelNamesOneAndIsNoneItself) {
    add_stream([](StreamSettings& settings) { settings.response_correlation_id = 55; });
    EXPECT_THAT(take_setups(), ElementsAre(Field(&wire::Setup::flags, 0x80)));

    TestStream& response = add_stream([](StreamSettings& settings) {
        settings.log.session_id = 2;
        settings.is_response = true;
        settings.response_correlation_id = 55;
    });
    channel.socket->sent.clear();
    ask_for_setup(response);
    step();
    EXPECT_THAT(take_setups(), ElementsAre(Field(&wire::Setup::flags, 0)));
}

// Data.

TEST_F(PublicationSenderTest, SendsDataAsFarAsTheWindowAllows) {
    TestStream& stream = add_connected_stream();
    stream.append_many(30, 1'408);

    step();

    EXPECT_EQ(stream.sender_limit, 32'768);
    EXPECT_EQ(stream.sender_position, 23 * 1'408);
    EXPECT_THAT(take_lengths(), AllOf(SizeIs(23), Each(1'408)));
    EXPECT_EQ(count(SystemCounter::bytes_sent), 32 + 23 * 1'408);
    EXPECT_THAT(channel.socket->run_counts.back(), 1U);
}

TEST_F(PublicationSenderTest, TheBytesOfTheLogAreSentAsTheyAre) {
    TestStream& stream = add_connected_stream();
    stream.append(37);
    const std::vector<std::byte> payload = logbuffer::pattern(5);
    std::memcpy(stream.log.at(0, 32), payload.data(), payload.size());

    step();

    const std::vector<SentDatagram> sent = channel.socket->take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(logbuffer::hex(sent[0].bytes.data(), 64), logbuffer::hex(stream.log.at(0, 0), 64));
}

// spec: 04-C22, 04-C23
TEST_F(PublicationSenderTest, PaddingIsSentIntoAWindowOf32BytesAndPassedAsAWhole) {
    TestStream& stream = add_connected_stream();
    stream.append(32'736);
    say(stream, {.position = 0, .window = 32});
    stream.log.header(0, 0).frame_length = 1'408;
    for (std::int32_t offset = 1'408; offset < 32'384; offset += 1'408) {
        stream.log.put_frame(0, offset, 1'408);
    }
    stream.log.put_frame(0, 32'384, 352);
    step();
    ASSERT_EQ(stream.sender_position, 32'736);
    ASSERT_EQ(stream.sender_limit, 32'768);
    take_data();

    stream.append(9'984, FrameType::padding);
    step();

    EXPECT_THAT(take_lengths(), ElementsAre(32));
    EXPECT_EQ(stream.sender_position, 32'736 + 9'984);
    step();
    EXPECT_EQ(stream.sender_position, 32'736 + 9'984);
}

// What is left of a claim that was given up has any length. spec: 03-C58
TEST_F(PublicationSenderTest, PaddingOfAnyLengthIsSentAsItsHeaderAndPassedAligned) {
    TestStream& stream = add_connected_stream();
    stream.append(132, FrameType::padding);
    stream.append(64);

    step();

    const std::vector<SentDatagram> sent = channel.socket->take_sent();
    ASSERT_THAT(sent, ElementsAre(Field(&SentDatagram::bytes, SizeIs(32)), Field(&SentDatagram::bytes, SizeIs(64))));
    EXPECT_EQ(logbuffer::header_at(sent[0].bytes.data()).frame_length, 132);
    EXPECT_EQ(logbuffer::header_at(sent[1].bytes.data()).term_offset, 160);
    EXPECT_EQ(stream.sender_position, 160 + 64);
}

TEST_F(PublicationSenderTest, GoesOnInTheNextTerm) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.start_position = 65'472; });
    stream.append(64);
    stream.append(96);

    step();
    EXPECT_EQ(stream.sender_position, 65'536);
    step();
    EXPECT_EQ(stream.sender_position, 65'536 + 96);
    EXPECT_THAT(take_data(),
                ElementsAre(Field(&logbuffer::DataHeader::term_id, 7), Field(&logbuffer::DataHeader::term_id, 8)));
}

TEST_F(PublicationSenderTest, WaitsForAFrameThatIsNotCommitted) {
    TestStream& stream = add_connected_stream();
    stream.append(-64);

    step();

    EXPECT_EQ(stream.sender_position, 0);
    EXPECT_THAT(take_data(), IsEmpty());
}

// spec: 04-C24
TEST_F(PublicationSenderTest, CountsBackPressureOncePerEpisode) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.log.term_length = 131'072; });
    stream.append_many(30, 1'408);

    for (int i = 0; i < 5; ++i) {
        step();
    }
    EXPECT_EQ(stream.back_pressure_events, 1);
    EXPECT_EQ(count(SystemCounter::sender_flow_control_limits), 1);

    say(stream, {.position = 23 * 1'408});
    step();
    stream.append_many(30, 1'408);
    for (int i = 0; i < 5; ++i) {
        step();
    }
    EXPECT_EQ(stream.back_pressure_events, 2);
    EXPECT_EQ(count(SystemCounter::sender_flow_control_limits), 2);
}

// spec: 04-C24
TEST_F(PublicationSenderTest, CountsBackPressureOnceWhereTheWindowIsUsedUpExactly) {
    TestStream& stream = add_stream();
    say(stream, {.window = 2'816});
    stream.append_many(3, 1'408);

    for (int i = 0; i < 5; ++i) {
        step();
    }

    EXPECT_EQ(stream.sender_position, 2'816);
    EXPECT_EQ(stream.back_pressure_events, 1);
}

TEST_F(PublicationSenderTest, AStreamThatNeverSentWasNotHeldBack) {
    TestStream& stream = add_stream();
    stream.append(64);

    step();

    EXPECT_EQ(stream.back_pressure_events, 0);
}

// spec: 04-C25
TEST_F(PublicationSenderTest, AShortSendLeavesThePositionAndAllIsSentAgain) {
    TestStream& stream = add_connected_stream();
    stream.append_many(10, 1'408);
    channel.socket->room = 4;

    step();
    EXPECT_EQ(stream.sender_position, 0);
    EXPECT_EQ(count(SystemCounter::short_sends), 1);
    EXPECT_THAT(take_lengths(), SizeIs(4));

    channel.socket->room = 100;
    step();
    EXPECT_EQ(stream.sender_position, 14'080);
    EXPECT_THAT(take_lengths(), SizeIs(10));
    EXPECT_EQ(count(SystemCounter::short_sends), 1);
}

TEST_F(PublicationSenderTest, RunsPerCycleAreLimited) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.max_messages_per_send = 2; });
    for (const std::int32_t length : {1'312, 1'344, 1'376, 1'408}) {
        stream.append(length);
    }

    step();
    EXPECT_EQ(stream.sender_position, 1'312 + 1'344);
    step();
    EXPECT_EQ(stream.sender_position, 1'312 + 1'344 + 1'376 + 1'408);
}

// spec: 04-C86
TEST_F(PublicationSenderTest, StampsTheFirstFrameOfEachDatagramWithTheWallClock) {
    use_channel({.send_timestamp_offset = TimestampOffset::reserved()});
    TestStream& stream = add_connected_stream();
    stream.append_many(23, 64);  // 22 of them are a datagram
    clock.advance(5ms);

    step();

    const std::vector<logbuffer::DataHeader> headers = take_data();
    ASSERT_THAT(headers, SizeIs(2));
    EXPECT_EQ(headers[0].reserved_value, clock.epoch_ns());
    EXPECT_EQ(headers[1].reserved_value, clock.epoch_ns());
    EXPECT_EQ(stream.log.header(0, 64).reserved_value, 0);

    clock.advance(1ms);
    ask_for(stream, 0, 1'408);
    EXPECT_THAT(take_data(), ElementsAre(Field(&logbuffer::DataHeader::reserved_value, clock.epoch_ns())));
}

// Heartbeats.

// spec: 04-C26
TEST_F(PublicationSenderTest, SendsAHeartbeatAfter100MillisecondsOfSilence) {
    TestStream& stream = add_connected_stream();
    stream.append(128);
    step();
    take_data();

    step_after(100ms);
    EXPECT_THAT(take_data(), IsEmpty());
    step_after(1ns);
    const std::vector<SentDatagram> sent = channel.socket->take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(logbuffer::hex(sent[0].bytes.data(), sent[0].bytes.size()),
              "00 00 00 00 00 c0 01 00 80 00 00 00 44 33 22 11 e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(count(SystemCounter::heartbeats_sent), 2);  // one was due when the receiver came
    EXPECT_EQ(count(SystemCounter::bytes_sent), 32 + 128 + 32);
    step_after(100ms);
    EXPECT_THAT(take_data(), IsEmpty());
    step_after(1ns);
    EXPECT_THAT(take_data(), SizeIs(1));
}

// spec: 04-C26
TEST_F(PublicationSenderTest, SendsNoHeartbeatWhileDataFlow) {
    TestStream& stream = add_connected_stream();
    ASSERT_EQ(count(SystemCounter::heartbeats_sent), 1);

    for (int i = 0; i < 20; ++i) {
        stream.append(64);
        step_after(90ms);
    }

    EXPECT_EQ(count(SystemCounter::heartbeats_sent), 1);
}

// A receiver may hear nothing beyond its window: what was lost before the padding must be missed all the same.
TEST_F(PublicationSenderTest, BehindPaddingThatLeavesTheWindowAnotherHeartbeatStandsInsideOfIt) {
    TestStream& stream = add_stream();
    say(stream, {.position = 0, .window = 1'024});
    stream.append_many(7, 128);
    stream.append(4'096, FrameType::padding);
    step();
    ASSERT_EQ(stream.sender_position, 896 + 4'096);
    take_data();
    stream.publication->signals().is_end_of_stream = true;
    const auto heartbeat = [](const std::int32_t term_offset, const std::uint8_t flags) {
        return AllOf(Field(&logbuffer::DataHeader::term_offset, term_offset),
                     Field(&logbuffer::DataHeader::flags, flags));
    };

    step_after(101ms);
    EXPECT_THAT(take_data(), ElementsAre(heartbeat(896 + 32, 0xC0), heartbeat(896 + 4'096, 0xE0)));

    say(stream, {.position = 896, .window = 8'192});
    step_after(101ms);
    EXPECT_THAT(take_data(), ElementsAre(heartbeat(896 + 4'096, 0xE0)));
}

// spec: 04-C27, 04-C28
TEST_F(PublicationSenderTest, TheEndOfTheStreamIsRepeatedInEveryHeartbeat) {
    TestStream& stream = add_connected_stream();
    stream.publication->signals().is_end_of_stream = true;

    for (int i = 0; i < 3; ++i) {
        step_after(101ms);
        EXPECT_THAT(take_data(), ElementsAre(Field(&logbuffer::DataHeader::flags, 0xE0)));
    }
    command(sender_command::RemovePublication{.publication = stream.publication.get()});
    step_after(101ms);
    EXPECT_THAT(take_data(), IsEmpty());
}

// spec: 04-C27
TEST_F(PublicationSenderTest, WithoutEosTheEndOfTheStreamIsNotTold) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.signals_eos = false; });
    stream.publication->signals().is_end_of_stream = true;

    step_after(101ms);

    EXPECT_THAT(take_data(), ElementsAre(Field(&logbuffer::DataHeader::flags, 0xC0)));
}

// spec: 04-C27
TEST_F(PublicationSenderTest, ARevokedStreamSaysSo) {
    TestStream& stream = add_connected_stream();
    stream.log.metadata().is_publication_revoked = 1;
    stream.publication->signals().is_end_of_stream = true;

    step_after(101ms);

    EXPECT_THAT(take_data(), ElementsAre(Field(&logbuffer::DataHeader::flags, 0xF0)));
}

// Spies.

// spec: 04-C40
TEST_F(PublicationSenderTest, FollowsTheFastestSpyWhereItSimulatesAConnection) {
    TestStream& stream = add_stream([](StreamSettings& settings) { settings.spies_simulate_connection = true; });
    stream.append(1'408);
    PublicationSignals& signals = stream.publication->signals();
    signals.max_spy_position = 1'408;
    step();
    EXPECT_EQ(stream.sender_position, 0);

    signals.has_spies = true;
    step();
    EXPECT_EQ(stream.sender_position, 1'408);
    EXPECT_EQ(stream.sender_limit, 1'408);
    signals.max_spy_position = 64;
    step();
    EXPECT_EQ(stream.sender_position, 1'408);
    EXPECT_THAT(take_data(), IsEmpty());
}

// spec: 04-C40
TEST_F(PublicationSenderTest, ReceiversGoBeforeSpies) {
    TestStream& stream =
        add_connected_stream([](StreamSettings& settings) { settings.spies_simulate_connection = true; });
    stream.publication->signals().max_spy_position = 1'408;
    stream.publication->signals().has_spies = true;

    step();

    EXPECT_EQ(stream.sender_position, 0);
}

// spec: 04-C39
TEST_F(PublicationSenderTest, SpiesDoNotMoveTheSenderUnlessTheySimulateAConnection) {
    TestStream& stream = add_stream();
    stream.publication->signals().max_spy_position = 1'408;
    stream.publication->signals().has_spies = true;

    step();

    EXPECT_EQ(stream.sender_position, 0);
}

TEST_F(PublicationSenderTest, TheNonsenseOfASpyDoesNotMisalignTheSender) {
    TestStream& stream = add_stream([](StreamSettings& settings) { settings.spies_simulate_connection = true; });
    stream.publication->signals().max_spy_position = 1'409;
    stream.publication->signals().has_spies = true;

    step();

    EXPECT_EQ(stream.sender_position, 1'408);
}

// Retransmission.

/// 30 frames of 1408 bytes, all sent and consumed up to the 23rd.
class RetransmissionTest : public SenderTest {
protected:
    TestStream& add_sent_stream(const std::function<void(StreamSettings&)>& change = [](StreamSettings&) {}) {
        TestStream& stream = add_connected_stream(change);
        stream.append_many(30, 1'408);
        step();
        say(stream, {.position = 23 * 1'408});
        step();
        EXPECT_EQ(stream.sender_position, 30 * 1'408);
        channel.socket->sent.clear();
        return stream;
    }
    std::vector<std::int32_t> take_offsets() {
        std::vector<std::int32_t> offsets;
        for (const logbuffer::DataHeader& header : take_data()) {
            offsets.push_back(header.term_offset);
        }
        return offsets;
    }
};

TEST_F(RetransmissionTest, AGapIsSentAgainAtOnce) {
    TestStream& stream = add_sent_stream();

    ask_for(stream, 1'408, 2'816);

    EXPECT_THAT(take_offsets(), ElementsAre(1'408, 2'816));
    EXPECT_EQ(stream.naks_received, 1);
    EXPECT_EQ(count(SystemCounter::naks_received), 1);
    EXPECT_EQ(count(SystemCounter::retransmits_sent), 1);
    EXPECT_EQ(count(SystemCounter::retransmitted_bytes), 2'816);
    EXPECT_EQ(stream.sender_position, 30 * 1'408);
}

// spec: 04-C33
TEST_F(RetransmissionTest, ANakInsideOfWhatWasSentAgainIsIgnoredForTheLingerTime) {
    TestStream& stream = add_sent_stream();
    ask_for(stream, 1'408, 2'816);
    take_offsets();

    clock.advance(10ms);
    ask_for(stream, 2'816, 1'408);
    EXPECT_THAT(take_offsets(), IsEmpty());
    step_after(1ns);
    ask_for(stream, 2'816, 1'408);
    EXPECT_THAT(take_offsets(), ElementsAre(2'816));
    EXPECT_EQ(stream.naks_received, 3);
}

// spec: 04-C34
TEST_F(RetransmissionTest, OfAGroupTheSeventeenthGapOverflowsThePool) {
    TestStream& stream = add_sent_stream([](StreamSettings& settings) { settings.has_group_semantics = true; });

    for (std::int64_t i = 0; i < 17; ++i) {
        ask_for(stream, 9'856 + i * 1'408, 1'408);
    }

    EXPECT_THAT(take_offsets(), SizeIs(16));
    EXPECT_EQ(count(SystemCounter::retransmit_overflow), 1);
}

// spec: 04-C35
TEST_F(RetransmissionTest, WhatWasNotSentIsNotSentAgain) {
    TestStream& stream = add_connected_stream();
    stream.append_many(30, 1'408);
    step();
    ASSERT_EQ(stream.sender_position, 23 * 1'408);
    take_offsets();

    ask_for(stream, 23 * 1'408, 1'408);
    EXPECT_THAT(take_offsets(), IsEmpty());
    EXPECT_EQ(count(SystemCounter::retransmits_sent), 0);
    EXPECT_EQ(count(SystemCounter::naks_received), 1);
    ask_for(stream, 22 * 1'408, 1'408);
    EXPECT_THAT(take_offsets(), ElementsAre(22 * 1'408));
}

// spec: 04-C35
TEST_F(RetransmissionTest, WhatIsFurtherBackThanHalfATermAndAMessageIsNotSentAgain) {
    // Half a term and the longest message are 40,960 bytes.
    TestStream& stream = add_sent_stream();
    stream.append_many(1, 96);
    step();
    ASSERT_EQ(stream.sender_position, 42'336);
    take_offsets();

    ask_for(stream, 0, 1'408);
    EXPECT_THAT(take_offsets(), IsEmpty());
    ask_for(stream, 1'408, 1'408);
    EXPECT_THAT(take_offsets(), ElementsAre(1'408));
}

TEST_F(RetransmissionTest, WhatIsBeforeTheFirstTermIsNotSentAgain) {
    TestStream& stream = add_connected_stream();
    stream.append(1'408);
    step();
    take_offsets();

    deliver(
        wire::Nak{.session_id = 0x11223344, .stream_id = 1001, .term_id = 6, .term_offset = 64'000, .gap_length = 64});
    deliver(wire::Nak{.session_id = 0x11223344, .stream_id = 1001, .term_id = -7, .gap_length = 64});

    EXPECT_THAT(take_offsets(), IsEmpty());
    EXPECT_EQ(stream.naks_received, 2);
}

// spec: 04-C36
TEST_F(RetransmissionTest, ARangeThatEndsInPaddingStopsAtTheEndOfTheTerm) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.start_position = 64'000; });
    stream.append(1'024);
    stream.append(512, FrameType::padding);
    stream.append(128);
    step();
    step();
    ASSERT_EQ(stream.sender_position, 65'536 + 128);
    take_offsets();

    ask_for(stream, 64'000, 1'088);  // covers the first 64 bytes of the padding

    EXPECT_THAT(take_offsets(), ElementsAre(64'000));
    EXPECT_EQ(count(SystemCounter::retransmitted_bytes), 1'536);
}

// spec: 04-C36
TEST_F(RetransmissionTest, AGapUpToTheEndOfTheTermIsNotFollowedByTheNextTerm) {
    TestStream& stream = add_connected_stream([](StreamSettings& settings) { settings.start_position = 64'128; });
    stream.append(1'408);
    stream.append(128);
    step();
    step();
    take_offsets();

    ask_for(stream, 64'128, 1'408);

    EXPECT_THAT(take_offsets(), ElementsAre(64'128));
}

TEST_F(RetransmissionTest, AnEmptyGapIsCountedAndIgnored) {
    TestStream& stream = add_sent_stream();

    ask_for(stream, 1'408, 0);

    EXPECT_EQ(stream.naks_received, 1);
    EXPECT_THAT(take_offsets(), IsEmpty());
}

TEST_F(RetransmissionTest, WaitsForTheConfiguredDelay) {
    TestStream& stream = add_sent_stream([](StreamSettings& settings) { settings.retransmit_delay_ns = 1'000'000; });
    ask_for(stream, 1'408, 1'408);

    step_after(1ms);
    EXPECT_THAT(take_offsets(), IsEmpty());
    step_after(1ns);
    EXPECT_THAT(take_offsets(), ElementsAre(1'408));
}

TEST_F(RetransmissionTest, StopsWhereTheSocketTakesNoMore) {
    TestStream& stream = add_sent_stream([](StreamSettings& settings) { settings.max_messages_per_send = 1; });
    channel.socket->room = 1;

    ask_for(stream, 1'408, 4'224);

    EXPECT_THAT(take_offsets(), ElementsAre(1'408));
    EXPECT_EQ(count(SystemCounter::retransmits_sent), 0);
    EXPECT_EQ(count(SystemCounter::short_sends), 1);
}

}  // namespace
}  // namespace cpperon::driver
