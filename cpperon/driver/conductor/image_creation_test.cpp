#include "cpperon/driver/conductor/image_creation.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/receiving_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImageCreationTest : public ReceivingTest {
protected:
    /// Nothing was made of the SETUP; a later one may have more luck.
    void expect_declined() {
        EXPECT_THAT(events(), IsEmpty());
        EXPECT_THAT(receiver_hears(), ElementsAre("ClearInitInProgress(1001, 7)"));
        EXPECT_EQ(logs.files(), 0);
    }
    std::int64_t subscribe(const std::string& channel_text = std::string{channel}) {
        const std::int64_t id = add_subscription(client, channel_text);
        static_cast<void>(events());
        receiver_hears();
        return id;
    }
};

// spec: 06-C41, 02-C17
TEST_F(ImageCreationTest, ClientsHearOfTheImageBeforeTheReceiverFillsIt) {
    const std::int64_t subscription = subscribe();

    announce();

    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", 3, subscription)));
    EXPECT_EQ(last<command::AvailableImageEvent>().source_identity, "192.0.2.9:40123");
    EXPECT_EQ(last<command::AvailableImageEvent>().session_id, 7);
    EXPECT_THAT(receiver_hears(), ElementsAre("AddImage"));
}

// spec: 06-C41
TEST_F(ImageCreationTest, CountersHaveTheOrderKeysAndOwnersThatToolsExpect) {
    const std::int64_t subscription = subscribe();

    const std::int64_t id = create_image();

    EXPECT_EQ(reader().label(49), fmt::format("rcv-hwm: {} 7 1001 {}", id, channel));
    EXPECT_EQ(reader().label(50), fmt::format("rcv-pos: {} 7 1001 {}", id, channel));
    EXPECT_EQ(reader().label(51), fmt::format("rcv-naks-sent: {} 7 1001 {}", id, channel));
    EXPECT_EQ(reader().label(52), fmt::format("sub-pos: {} 7 1001 {} @0", subscription, channel));
    for (const std::int32_t counter : {49, 50, 51}) {
        EXPECT_EQ(reader().registration_id(counter), id);
        EXPECT_EQ(reader().owner_id(counter), client);
        EXPECT_EQ(reader().reference_id(counter), 0);
    }
    EXPECT_EQ(reader().registration_id(52), subscription);
    EXPECT_EQ(reader().owner_id(52), client);
    EXPECT_EQ(reader().reference_id(52), id);
}

TEST_F(ImageCreationTest, CubicImagesHaveTwoMoreCountersBeforeTheOthers) {
    subscribe(std::string{channel} + "|cc=cubic");

    const std::int64_t id = create_image();

    EXPECT_EQ(reader().label(49), fmt::format("rcv-cc-cubic-rtt: {} 7 1001 {}|cc=cubic", id, channel));
    EXPECT_EQ(reader().label(50), fmt::format("rcv-cc-cubic-wnd: {} 7 1001 {}|cc=cubic", id, channel));
    EXPECT_EQ(reader().owner_id(49), -1);
    EXPECT_THAT(reader().label(51), HasSubstr("rcv-hwm"));
    settle();
    EXPECT_EQ(value(50), 14'080);
}

// spec: 04-C59
TEST_F(ImageCreationTest, EverythingStartsAtTheJoinPosition) {
    subscribe();

    create_image({.initial_term_id = INT32_MAX, .active_term_id = INT32_MIN + 1, .term_offset = 1'408});

    constexpr std::int64_t join_position = 2 * 65'536 + 1'408;
    EXPECT_EQ(value(high_water_mark_id), join_position);
    EXPECT_EQ(value(rebuild_position_id), join_position);
    EXPECT_EQ(value(position_id), join_position);
    EXPECT_EQ(value(naks_sent_id), 0);
    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->position, join_position);
    EXPECT_EQ(status->window_length, 32'768);
    EXPECT_EQ(image->signals().time_of_last_packet_ns, clock.nano_time());
}

TEST_F(ImageCreationTest, LogSaysWhatTheImageIs) {
    subscribe(std::string{channel} + "|tether=false|rejoin=false|untethered-window-limit-timeout=6s|so-rcvbuf=256k");

    const std::int64_t id = create_image({.initial_term_id = 11, .active_term_id = 11, .term_length = 131'072});

    const logbuffer::LogMetadata& metadata = log->metadata();
    EXPECT_EQ(metadata.type, 2);
    EXPECT_EQ(metadata.correlation_id, id);
    EXPECT_EQ(metadata.initial_term_id, 11);
    EXPECT_EQ(metadata.term_length, 131'072);
    EXPECT_EQ(metadata.mtu_length, 1'408);
    EXPECT_EQ(metadata.receiver_window_length, 131'072);
    EXPECT_EQ(metadata.socket_receive_buffer_length, 262'144);
    EXPECT_EQ(metadata.os_default_socket_receive_buffer_length, 212'992);
    EXPECT_EQ(metadata.end_of_stream_position, INT64_MAX);
    EXPECT_EQ(metadata.entity_tag, 0);
    EXPECT_EQ(metadata.response_correlation_id, 0);
    EXPECT_EQ(metadata.untethered_window_limit_timeout_ns, 6'000'000'000);
    EXPECT_EQ(metadata.untethered_linger_timeout_ns(), 6'000'000'000);
    EXPECT_EQ(metadata.group, 0);
    EXPECT_EQ(metadata.rejoin, 0);
    EXPECT_EQ(metadata.reliable, 1);
    EXPECT_EQ(metadata.tether, 0);
}

// spec: 04-C71
TEST_F(ImageCreationTest, GroupIsWhatTheFirstSubscriptionSaysOrElseWhatTheSenderShows) {
    struct Case {
        std::string group;
        std::uint8_t flags;
        int is_group;
    };
    std::int32_t session_id = 7;
    std::uint16_t port = 24'400;
    for (const Case& each : {Case{"", 0, 0}, Case{"", wire::setup_flag::group, 1}, Case{"|group=true", 0, 1},
                             Case{"|group=false", wire::setup_flag::group, 0}}) {
        subscribe(fmt::format("aeron:udp?endpoint=localhost:{}{}", port++, each.group));
        create_image({.session_id = session_id++, .flags = each.flags});
        EXPECT_EQ(log->metadata().group, each.is_group) << each.group;
    }
    subscribe("aeron:udp?endpoint=224.20.30.39:24325");
    create_image({.session_id = session_id});
    EXPECT_EQ(log->metadata().group, 1);
}

TEST_F(ImageCreationTest, EachMatchingSubscriptionGetsTheImage) {
    const std::int64_t all = subscribe();
    const std::int64_t seven = subscribe(std::string{channel} + "|session-id=7");
    subscribe(std::string{channel} + "|session-id=8");
    add_subscription(client, channel, 1002);
    static_cast<void>(events());

    announce();

    const std::string id = std::to_string(last_image_id());
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", id, all),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", id, seven)));
}

// spec: 04-C58, 05-C31
TEST_F(ImageCreationTest, SetupThatDoesNotFitIsDeclinedAndALaterOneMaySucceed) {
    subscribe(std::string{channel} + "|rcv-wnd=1024");

    announce({.mtu_length = 1'408});
    expect_declined();
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("mtu is greater than the receiver's window")));

    announce({.mtu_length = 1'024});
    EXPECT_THAT(receiver_hears(), ElementsAre("AddImage"));
}

TEST_F(ImageCreationTest, SenderCannotVaryWhatIsLogged) {
    subscribe(std::string{channel} + "|rcv-wnd=1024");

    announce({.mtu_length = 1'408});
    announce({.mtu_length = 2'048});
    announce({.session_id = 8, .mtu_length = 4'096});

    EXPECT_THAT(logged_errors(), SizeIs(1));
    EXPECT_EQ(system_counter(SystemCounter::errors), 3);
}

TEST_F(ImageCreationTest, SetupThatIsBehindItsOwnBeginningIsDeclined) {
    subscribe();

    announce({.initial_term_id = 5, .active_term_id = 4});

    expect_declined();
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("active term comes before its initial one")));
}

TEST_F(ImageCreationTest, MtuWithoutRoomForAPayloadIsDeclined) {
    subscribe();

    announce({.mtu_length = 32});

    expect_declined();
}

// spec: 05-C30
TEST_F(ImageCreationTest, JunkForCongestionControlOrNakDelayPreventsTheImageAndIsLogged) {
    for (const std::string junk : {"|cc=junk", "|nak-delay=junk"}) {
        const std::int64_t id = subscribe(std::string{channel} + junk);
        announce();
        expect_declined();
        remove_subscription(client, id);
        receiver_lets_go();
        static_cast<void>(events());
    }
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("cc=junk"), HasSubstr("nak-delay=junk")));
}

TEST_F(ImageCreationTest, NothingIsMadeForAStreamThatNobodyWantsAnyLonger) {
    subscribe();
    const std::int64_t id = add_subscription(client, channel, 1002);
    receiver_hears();
    remove_subscription(client, id);
    receiver_hears();
    static_cast<void>(events());

    announce({.stream_id = 1002});

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_THAT(receiver_hears(), ElementsAre("ClearInitInProgress(1002, 7)"));
    EXPECT_THAT(logged_errors(), IsEmpty());
}

TEST_F(ImageCreationTest, SubscriptionThatGoesWhileTheLogIsMadeTakesTheImageWithIt) {
    subscribe();
    const std::int64_t leaving = subscribe(std::string{channel} + "|session-id=7");
    const std::int64_t other_stream = add_subscription(client, channel, 1002);
    logs.hold();
    announce();
    remove_subscription(client, leaving);
    remove_subscription(client, leaving - 1);
    static_cast<void>(events());
    receiver_hears();

    logs.complete_waiting();
    settle();

    expect_declined();
    remove_subscription(client, other_stream);
}

TEST_F(ImageCreationTest, EndpointThatClosesWhileTheLogIsMadeIsToldNothingMore) {
    const std::int64_t id = subscribe();
    logs.hold();
    announce();
    remove_subscription(client, id);
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001)", "RemoveEndpoint"));
    receiver_lets_go();

    logs.complete_waiting();
    settle();

    EXPECT_THAT(receiver_hears(), IsEmpty());
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(transport.open_sockets(), 0);
}

TEST_F(ImageCreationTest, SubscriptionThatComesWhileTheLogIsMadeGetsTheImageToo) {
    const std::int64_t first = subscribe();
    logs.hold();
    announce();
    const std::int64_t second = subscribe();

    logs.complete_waiting();
    settle();

    const std::string id = std::to_string(last_image_id());
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", id, first),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", id, second)));
}

// spec: 06-C56
TEST_F(ImageCreationTest, LackOfSpaceIsLoggedOnceWhateverTheImage) {
    subscribe();
    logs.fail_with({.code = ErrorCode::storage_space, .message = "insufficient usable storage for 4711.logbuffer"});

    announce();
    expect_declined();
    announce({.session_id = 8});

    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("not enough space")));
    logs.recover();
    announce();
    EXPECT_THAT(events(), Contains(HasSubstr("AVAILABLE_IMAGE")));
}

TEST_F(ImageCreationTest, OutOfCountersLeavesNothingBehind) {
    subscribe();
    while (allocated_counters() < static_cast<int>(max_counters) - 3) {
        add_counter(client);
    }
    static_cast<void>(events());

    announce();

    expect_declined();
    EXPECT_EQ(allocated_counters(), static_cast<int>(max_counters) - 3);
}

TEST_F(ImageCreationTest, ImagesAreMadeOneAfterTheOther) {
    subscribe();
    logs.hold();
    announce();
    announce({.session_id = 8});
    EXPECT_THAT(logs.requests(), SizeIs(1));

    logs.complete_waiting();
    settle();

    EXPECT_THAT(logs.requests(), SizeIs(2));
}

TEST_F(ImageCreationTest, CommandsGoOnWhileTheLogIsMade) {
    subscribe();
    logs.hold();
    announce();

    const std::int64_t id = add_subscription(client, "aeron:ipc");

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", id)));
}

}  // namespace
}  // namespace cpperon::driver
