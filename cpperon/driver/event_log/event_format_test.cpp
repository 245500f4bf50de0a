/// The lines are those of the reference C driver 1.54, of which the inputs were taken, where nothing else is said.
#include "cpperon/driver/event_log/event_format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/version.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/event_log/event_details.hpp"
#include "cpperon/driver/event_log/event_record.hpp"
#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/resolution.hpp"

namespace cpperon::driver {
namespace {

using namespace command;  // NOLINT(google-build-using-namespace): every command there is
using net::SocketAddress;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr std::int64_t time_ns = 479'804'380'811;
constexpr SocketAddress peer = SocketAddress::ipv4({127, 0, 0, 1}, 48'429);

std::vector<std::byte> record_of(const std::size_t length, const std::span<const std::byte> captured) {
    std::vector<std::byte> record(sizeof(EventRecordHeader) + captured.size());
    std::span<std::byte> out{record};
    put(out, EventRecordHeader{.time_ns = time_ns, .length = static_cast<std::int64_t>(length)});
    std::ranges::copy(captured, out.begin());
    return record;
}

/// What comes behind the name of the event.
std::string behind_name(const EventId id, const std::span<const std::byte> record) {
    const std::string line = format_event(id, record);
    const std::string expected = "[479.804380811] DRIVER: " + std::string{to_string(id)} + " ";
    EXPECT_THAT(line, StartsWith(expected));
    return line.substr(expected.size());
}

template <Message M>
std::string line_of(const EventId id, const M& message) {
    EXPECT_EQ(event_of(M::type), id);
    std::vector<std::byte> payload(encoded_length(message));
    encode(message, payload);
    return behind_name(id, record_of(payload.size(), payload));
}

template <typename Details>
std::string details_line_of(const EventId id, const Details& details) {
    std::vector<std::byte> bytes(encoded_length_of(details));
    encode_details(details, bytes);
    const std::string line = behind_name(id, record_of(bytes.size(), bytes));
    return line.substr(line.find(": ") + 2);
}

std::string frame_line_of(const std::span<const std::byte> frame, const std::size_t length,
                          const SocketAddress& address = peer) {
    std::vector<std::byte> captured(sizeof(FrameSource) + frame.size());
    std::span<std::byte> out{captured};
    put(out, FrameSource{.address = address});
    std::ranges::copy(frame, out.begin());
    return behind_name(EventId::frame_in, record_of(length, captured));
}

template <typename Frame>
std::string frame_line_of(const Frame& frame) {
    std::array<std::byte, 2'048> buffer;
    const std::size_t length = wire::encode(frame, buffer);
    return frame_line_of(std::span{buffer}.first(length), length);
}

TEST(EventFormat, ShowsCommandsOfClients) {
    EXPECT_EQ(
        line_of(EventId::cmd_in_add_publication,
                AddPublicationCommand{.client_id = 6, .correlation_id = 10, .stream_id = 1001, .channel = "aeron:ipc"}),
        "[33/33]: streamId=1001 clientId=6 correlationId=10 channel=aeron:ipc");
    EXPECT_EQ(line_of(EventId::cmd_in_add_exclusive_publication,
                      AddExclusivePublicationCommand{
                          .client_id = 6, .correlation_id = 14, .stream_id = 1002, .channel = "aeron:ipc"}),
              "[33/33]: streamId=1002 clientId=6 correlationId=14 channel=aeron:ipc");
    EXPECT_EQ(
        line_of(EventId::cmd_in_remove_publication,
                RemovePublicationCommand{.client_id = 6, .correlation_id = 13, .registration_id = 10, .flags = 1}),
        "[32/32]: registrationId=10 clientId=6 correlationId=13 revoke=true");
    EXPECT_EQ(
        line_of(EventId::cmd_in_add_subscription,
                AddSubscriptionCommand{.client_id = 1, .correlation_id = 5, .stream_id = 1001, .channel = "aeron:ipc"}),
        "[41/41]: streamId=1001 registrationCorrelationId=-1 clientId=1 correlationId=5 channel=aeron:ipc");
    EXPECT_EQ(line_of(EventId::cmd_in_remove_subscription,
                      RemoveSubscriptionCommand{.client_id = 1, .correlation_id = 12, .registration_id = 5}),
              "[24/24]: registrationId=5 clientId=1 correlationId=12");
    EXPECT_EQ(line_of(EventId::cmd_in_keepalive_client, ClientKeepaliveCommand{.client_id = 1}),
              "[16/16]: clientId=1 correlationId=0");
    EXPECT_EQ(line_of(EventId::cmd_in_client_close, ClientCloseCommand{.client_id = 1}),
              "[16/16]: clientId=1 correlationId=-1");
    EXPECT_EQ(line_of(EventId::cmd_in_terminate_driver, TerminateDriverCommand{.client_id = 3}),
              "[20/20]: clientId=3 tokenBufferLength=0");
    EXPECT_EQ(line_of(EventId::cmd_in_remove_counter,
                      RemoveCounterCommand{.client_id = 1, .correlation_id = 10, .registration_id = 9}),
              "[24/24]: registrationId=9 clientId=1 correlationId=10");
    // The label is shown, where the others show at which bytes of the command it and the key stand.
    EXPECT_EQ(line_of(EventId::cmd_in_add_counter,
                      AddCounterCommand{.client_id = 1, .correlation_id = 9, .type_id = 11'001, .label = "how many"}),
              "[36/36]: typeId=11001 keyBufferLength=0 labelBufferLength=8 clientId=1 correlationId=9 label=how many");
    // The others leave out a blank.
    EXPECT_EQ(
        line_of(
            EventId::cmd_in_reject_image,
            RejectImageCommand{
                .client_id = 1, .correlation_id = 11, .image_correlation_id = 10, .position = 1'600, .reason = "odd!"}),
        "[40/40]: clientId=1 correlationId=11 imageCorrelationId=10 position=1600 reason=odd!");
}

TEST(EventFormat, ShowsCommandsAboutDestinations) {
    const std::string expected = "[37/37]: registrationCorrelationId=10 clientId=6 correlationId=11 channel=aeron:ipc";
    EXPECT_EQ(line_of(EventId::cmd_in_add_destination,
                      AddDestinationCommand{
                          .client_id = 6, .correlation_id = 11, .registration_id = 10, .channel = "aeron:ipc"}),
              expected);
    EXPECT_EQ(line_of(EventId::cmd_in_remove_destination,
                      RemoveDestinationCommand{
                          .client_id = 6, .correlation_id = 11, .registration_id = 10, .channel = "aeron:ipc"}),
              expected);
    EXPECT_EQ(line_of(EventId::cmd_in_add_rcv_destination,
                      AddReceiveDestinationCommand{
                          .client_id = 6, .correlation_id = 11, .registration_id = 10, .channel = "aeron:ipc"}),
              expected);
    EXPECT_EQ(line_of(EventId::cmd_in_remove_rcv_destination,
                      RemoveReceiveDestinationCommand{
                          .client_id = 6, .correlation_id = 11, .registration_id = 10, .channel = "aeron:ipc"}),
              expected);
    // The others do not say whose it is.
    EXPECT_EQ(
        line_of(EventId::cmd_in_remove_destination_by_id,
                RemoveDestinationByIdCommand{
                    .client_id = 6, .correlation_id = 15, .registration_id = 10, .destination_registration_id = 12}),
        "[32/32]: resourceRegistrationId=10 destinationRegistrationId=12 clientId=6 correlationId=15");
}

TEST(EventFormat, ShowsWhatClientsAreTold) {
    const std::string ready =
        "[39/39]: sessionId=-77 streamId=1001 publicationLimitCounterId=48 channelStatusCounterId=-1 correlationId=10 "
        "registrationId=10 logFileName=/10";
    EXPECT_EQ(line_of(EventId::cmd_out_publication_ready, PublicationReadyEvent{.correlation_id = 10,
                                                                                .registration_id = 10,
                                                                                .session_id = -77,
                                                                                .stream_id = 1001,
                                                                                .position_limit_id = 48,
                                                                                .log_file_name = "/10"}),
              ready);
    EXPECT_EQ(
        line_of(EventId::cmd_out_exclusive_publication_ready, ExclusivePublicationReadyEvent{.correlation_id = 10,
                                                                                             .registration_id = 10,
                                                                                             .session_id = -77,
                                                                                             .stream_id = 1001,
                                                                                             .position_limit_id = 48,
                                                                                             .log_file_name = "/10"}),
        ready);
    EXPECT_EQ(line_of(EventId::cmd_out_available_image, AvailableImageEvent{.correlation_id = 10,
                                                                            .session_id = -77,
                                                                            .stream_id = 1001,
                                                                            .subscription_registration_id = 5,
                                                                            .subscriber_position_id = 50,
                                                                            .log_file_name = "/10",
                                                                            .source_identity = "aeron:ipc"}),
              "[49/49]: sessionId=-77 streamId=1001 subscriberPositionId=50 subscriptionRegistrationId=5 "
              "correlationId=10 sourceIdentity=aeron:ipc logFileName=/10");
    EXPECT_EQ(line_of(EventId::cmd_out_on_unavailable_image, UnavailableImageEvent{.correlation_id = 10,
                                                                                   .subscription_registration_id = 5,
                                                                                   .stream_id = 1001,
                                                                                   .channel = "aeron:ipc"}),
              "[33/33]: streamId=1001 correlationId=10 subscriptionRegistrationId=5 channel=aeron:ipc");
    EXPECT_EQ(line_of(EventId::cmd_out_subscription_ready, SubscriptionReadyEvent{.correlation_id = 5}),
              "[12/12]: correlationId=5 channelStatusCounterId=-1");
    EXPECT_EQ(line_of(EventId::cmd_out_on_operation_success, OperationSuccessEvent{.correlation_id = 11}),
              "[8/8]: correlationId=11");
    EXPECT_EQ(line_of(EventId::cmd_out_counter_ready, CounterReadyEvent{.registration_id = 1, .counter_id = 46}),
              "[12/12]: correlationId=1 counterId=46");
    EXPECT_EQ(line_of(EventId::cmd_out_on_client_timeout, ClientTimeoutEvent{.client_id = 1}), "[8/8]: clientId=1");
    // Of which the others say nothing.
    EXPECT_EQ(line_of(EventId::cmd_out_on_unavailable_counter,
                      UnavailableCounterEvent{.registration_id = 9, .counter_id = 47}),
              "[12/12]: correlationId=9 counterId=47");
    // In our own words.
    EXPECT_EQ(line_of(EventId::cmd_out_error, ErrorEvent{.offending_correlation_id = 6,
                                                         .code = ErrorCode::invalid_channel,
                                                         .message = "no such\nthing"}),
              "[29/29]: offendingCommandCorrelationId=6 errorCode=invalid_channel message=no such?thing");
}

TEST(EventFormat, ShowsFrames) {
    const wire::DataHeader data{.frame_length = 1'032,
                                .version = 0,
                                .flags = 0xC0,
                                .type = 1,
                                .term_offset = 1'056,
                                .session_id = 422'974'152,
                                .stream_id = 1001,
                                .term_id = 1'276'107'107,
                                .reserved_value = 0};
    EXPECT_EQ(frame_line_of(std::as_bytes(std::span{&data, 1}), 1'152),
              "[32/1152]: address=127.0.0.1:48429 type=DATA flags=11000000 frameLength=1032 sessionId=422974152 "
              "streamId=1001 termId=1276107107 termOffset=1056");
    wire::DataHeader padding = data;
    padding.type = 0;
    std::array<std::uint8_t, 16> loopback{};
    loopback[15] = 1;
    EXPECT_EQ(frame_line_of(std::as_bytes(std::span{&padding, 1}), 32, SocketAddress::ipv6(loopback, 41'453)),
              "[32/32]: address=[::1]:41453 type=PAD flags=11000000 frameLength=1032 sessionId=422974152 streamId=1001 "
              "termId=1276107107 termOffset=1056");
    EXPECT_EQ(frame_line_of(wire::Nak{
                  .session_id = -7, .stream_id = 1001, .term_id = -5, .term_offset = 64, .gap_length = 1'408}),
              "[28/28]: address=127.0.0.1:48429 type=NAK flags=00000000 frameLength=28 sessionId=-7 streamId=1001 "
              "termId=-5 termOffset=64 length=1408");
    EXPECT_EQ(frame_line_of(wire::Setup{.flags = 0x80,
                                        .term_offset = 32,
                                        .session_id = -7,
                                        .stream_id = 1001,
                                        .initial_term_id = 3,
                                        .active_term_id = 4,
                                        .term_length = 65'536,
                                        .mtu_length = 1'408,
                                        .ttl = 2}),
              "[40/40]: address=127.0.0.1:48429 type=SETUP flags=10000000 frameLength=40 sessionId=-7 streamId=1001 "
              "activeTermId=4 initialTermId=3 termOffset=32 termLength=65536 mtu=1408 ttl=2");
    wire::StatusMessage status{.flags = 0x40,
                               .session_id = -7,
                               .stream_id = 1001,
                               .consumption_term_id = 4,
                               .consumption_term_offset = 96,
                               .receiver_window = 32'768,
                               .receiver_id = 5'000'000'000};
    const std::string of_status =
        "address=127.0.0.1:48429 type=SM flags=01000000 frameLength=36 sessionId=-7 streamId=1001 termId=4 "
        "termOffset=96 receiverWindowLength=32768 receiverId=5000000000";
    EXPECT_EQ(frame_line_of(status), "[36/36]: " + of_status);
    status.group_tag = 9;  // which the others do not show
    EXPECT_THAT(frame_line_of(status), testing::EndsWith(" receiverId=5000000000 groupTag=9"));
    EXPECT_EQ(frame_line_of(wire::ErrorFrame{
                  .session_id = -7, .stream_id = 1001, .receiver_id = 6, .error_code = 13, .text = "too old: 17 > 16"}),
              "[56/56]: address=127.0.0.1:48429 type=ERR flags=00000000 frameLength=56 sessionId=-7 streamId=1001 "
              "receiverId=6 groupTag=-1 errorCode=13 errorMessage=\"too old: 17 > 16\"");
    EXPECT_EQ(frame_line_of(wire::RttMeasurement{.flags = 0x80,
                                                 .session_id = -7,
                                                 .stream_id = 1001,
                                                 .echo_timestamp_ns = 610'687'876'059,
                                                 .reception_delta_ns = 0,
                                                 .receiver_id = 8}),
              "[40/40]: address=127.0.0.1:48429 type=RTT flags=10000000 frameLength=40 sessionId=-7 streamId=1001 "
              "echoTimestampNs=610687876059 receptionDelta=0 receiverId=8");
    EXPECT_EQ(frame_line_of(wire::ResponseSetup{.session_id = -7, .stream_id = 1001, .response_session_id = -8}),
              "[20/20]: address=127.0.0.1:48429 type=RSP_SETUP flags=00000000 frameLength=20 sessionId=-7 "
              "streamId=1001 responseSessionId=-8");
}

TEST(EventFormat, ShowsTheEntriesOfResolutionFrames) {
    std::array<std::byte, 256> buffer;
    wire::ResolutionPacker packer{buffer};
    packer.try_add({.flags = 0x80, .port = 28'235, .address = {127, 0, 0, 1}, .name = "publisher"});
    packer.try_add({.type = wire::ResolutionType::ipv6, .port = 2, .age_ms = 976, .address = {0xfd}, .name = "two"});
    const std::span<const std::byte> frame = packer.frame();

    EXPECT_EQ(frame_line_of(frame, frame.size()),
              "[64/64]: address=127.0.0.1:48429 type=RES flags=00000000 frameLength=64 "
              "[resType=1 flags=10000000 port=28235 ageInMs=0 address=127.0.0.1 name=publisher] "
              "[resType=2 flags=00000000 port=2 ageInMs=976 address=fd00:: name=two]");
}

TEST(EventFormat, ShowsWhatThereIsOfNonsense) {
    EXPECT_EQ(frame_line_of({}, 0), "[0/0]: address=127.0.0.1:48429 type=UNKNOWN");
    const std::array<std::byte, 12> odd{std::byte{12}, std::byte{0}, std::byte{0}, std::byte{0},
                                        std::byte{0},  std::byte{1}, std::byte{99}};
    EXPECT_EQ(frame_line_of(odd, 12), "[12/12]: address=127.0.0.1:48429 type=UNKNOWN flags=00000001 frameLength=12");
    std::array<std::byte, 40> nak{};
    nak[6] = std::byte{2};
    for (std::size_t length = 8; length < nak.size(); ++length) {  // with and without its fields
        EXPECT_THAT(frame_line_of(std::span{nak}.first(length), length),
                    testing::HasSubstr("type=NAK flags=00000000 frameLength=0"));
    }
    for (const std::byte type :
         {std::byte{0}, std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}, std::byte{7}, std::byte{11}}) {
        std::vector<std::byte> bytes(60, std::byte{0xff});
        bytes[6] = type;
        bytes[7] = std::byte{0};
        for (std::size_t length = 0; length <= bytes.size(); ++length) {
            EXPECT_FALSE(frame_line_of(std::span{bytes}.first(length), length).empty());
        }
    }

    const std::array<std::byte, 10> few{};
    EXPECT_EQ(behind_name(EventId::cmd_in_client_close, record_of(10, few)),
              "[10/10]: malformed: it does not hold its correlation id");
    EXPECT_EQ(behind_name(EventId::nak_sent, record_of(10, few)),
              "[10/10]: address=0.0.0.0:0 sessionId=0 streamId=0 termId=0 termOffset=0 length=0 channel=");
    EXPECT_EQ(format_event(EventId::nak_sent, few).substr(0, 14), "[0.000000000] ");
}

TEST(EventFormat, ShowsLives) {
    EXPECT_EQ(details_line_of(EventId::remove_publication_cleanup,
                              PublicationDetails{.session_id = 5, .stream_id = 1001, .channel = "aeron:ipc"}),
              "sessionId=5 streamId=1001 channel=aeron:ipc");
    EXPECT_EQ(details_line_of(EventId::remove_subscription_cleanup,
                              SubscriptionDetails{.stream_id = 1001, .registration_id = 5, .channel = "aeron:udp?x"}),
              "streamId=1001 id=5 channel=aeron:udp?x");
    EXPECT_EQ(details_line_of(
                  EventId::remove_image_cleanup,
                  ImageDetails{.session_id = -1, .stream_id = 1001, .correlation_id = 6, .channel = "aeron:udp?x"}),
              "sessionId=-1 streamId=1001 id=6 channel=aeron:udp?x");
    const ChannelDetails channel{.local_data = {}, .remote_data = peer, .ttl = 0};
    for (const EventId id : {EventId::send_channel_creation, EventId::receive_channel_creation,
                             EventId::send_channel_close, EventId::receive_channel_close}) {
        EXPECT_EQ(details_line_of(id, channel), "localData: 0.0.0.0:0, remoteData: 127.0.0.1:48429, ttl: 0");
    }
    for (const EventId id : {EventId::publication_revoke, EventId::publication_image_revoke}) {
        EXPECT_EQ(details_line_of(
                      id, RevokeDetails{.position = 2'400, .session_id = 7, .stream_id = 1001, .channel = "aeron:ipc"}),
                  "revokedPos=2400 sessionId=7 streamId=1001 channel=aeron:ipc");
    }
    EXPECT_EQ(
        details_line_of(EventId::untethered_subscription_state_change, UntetheredDetails{.subscription_id = 7,
                                                                                         .stream_id = 1001,
                                                                                         .session_id = -2,
                                                                                         .from = TetherState::active,
                                                                                         .to = TetherState::linger}),
        "subscriptionId=7 streamId=1001 sessionId=-2 ACTIVE -> LINGER");
}

TEST(EventFormat, ShowsLossReceiversAndNames) {
    for (const EventId id : {EventId::nak_sent, EventId::nak_received}) {
        EXPECT_EQ(details_line_of(id, NakDetails{.address = peer,
                                                 .session_id = -1,
                                                 .stream_id = 1001,
                                                 .term_id = -5,
                                                 .term_offset = 23'808,
                                                 .length = 1'408,
                                                 .channel = "aeron:udp?x"}),
                  "address=127.0.0.1:48429 sessionId=-1 streamId=1001 termId=-5 termOffset=23808 length=1408 "
                  "channel=aeron:udp?x");
    }
    EXPECT_EQ(details_line_of(EventId::resend, ResendDetails{.session_id = -1,
                                                             .stream_id = 1001,
                                                             .term_id = -5,
                                                             .term_offset = 23'808,
                                                             .length = 1'408,
                                                             .channel = "aeron:udp?x"}),
              "sessionId=-1 streamId=1001 termId=-5 termOffset=23808 length=1408 channel=aeron:udp?x");
    for (const EventId id : {EventId::flow_control_receiver_added, EventId::flow_control_receiver_removed}) {
        EXPECT_EQ(details_line_of(id, ReceiverDetails{.receiver_count = 2,
                                                      .receiver_id = -9,
                                                      .session_id = -1,
                                                      .stream_id = 1001,
                                                      .channel = "aeron:udp?x"}),
                  "receiverCount=2 receiverId=-9 sessionId=-1 streamId=1001 channel=aeron:udp?x");
    }
    for (const EventId id : {EventId::name_resolution_neighbor_added, EventId::name_resolution_neighbor_removed}) {
        EXPECT_EQ(details_line_of(id, NeighborDetails{.address = peer}), "127.0.0.1:48429");
    }
    EXPECT_EQ(details_line_of(EventId::name_resolution_lookup, LookupDetails{.resolver = "default",
                                                                             .duration_ns = 160,
                                                                             .name = "localhost:1",
                                                                             .is_re_lookup = false,
                                                                             .resolved_name = "localhost:1"}),
              "resolver=default durationNs=160 name=localhost:1 isReLookup=false resolvedName=localhost:1");
    EXPECT_EQ(details_line_of(EventId::name_resolution_resolve, ResolveDetails{.resolver = "driver",
                                                                               .duration_ns = 1'146'480,
                                                                               .name = "nobody.invalid",
                                                                               .is_re_resolution = true,
                                                                               .address = "unknown-address"}),
              "resolver=driver durationNs=1146480 name=nobody.invalid isReResolution=true address=unknown-address");
}

// spec: 06-C62
TEST(EventFormat, BeginsWithWhoLogsSinceWhen) {
    EXPECT_THAT(format_start(460'544'057'973, 1'700'000'000'042),
                MatchesRegex("\\[460\\.544057973\\] log started 2023-11-1[45] [0-9][0-9]:[0-9][0-9]:20\\.042"
                             "[+-][0-9][0-9][0-9][0-9], enabled loggers: \\{DRIVER: version=" +
                             std::string{version_text} + " commit=[0-9a-z]+\\}"));
    EXPECT_EQ(format_dropped(1'000'000'002, 17),
              "[1.000000002] 17 events were dropped: they came faster than they could be written");
}

}  // namespace
}  // namespace cpperon::driver
