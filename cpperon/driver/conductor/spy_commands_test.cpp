#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/network_publication_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SpyCommands : public NetworkPublicationFixture {};

// spec: 02-C15, 02-C16, 02-C17
TEST_F(SpyCommands, SpyAndPublicationFindEachOtherInEitherOrder) {
    const std::int64_t early = add_subscription(client, spy_on_unicast);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("SUBSCRIPTION_READY({}, -1)", early)));

    const std::int64_t publication = add_publication(client, unicast);
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", publication),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, early)));

    const std::int64_t late = add_subscription(client, spy_on_unicast);
    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", late),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, late)));
    const std::int64_t joined = add_publication(client, unicast);
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({}, {})", joined, publication)));
}

TEST_F(SpyCommands, PositionCounterNamesTheSpysChannelAndThePublication) {
    const Stream stream = publish();
    const Spy watching = spy();

    EXPECT_THAT(labels(4), ElementsAre(fmt::format("sub-pos: {} {} {} {} @0", watching.subscription, stream.session_id,
                                                   test_stream, spy_on_unicast)));
    EXPECT_EQ(reader().reference_id(watching.position_id), stream.publication);
    EXPECT_EQ(reader().registration_id(watching.position_id), watching.subscription);
    EXPECT_EQ(reader().owner_id(watching.position_id), client);
}

// spec: 05-C36, 06-C39
TEST_F(SpyCommands, EachRowOfTheTableSeesTheImagesItSays) {
    add_publication(client, "aeron:udp?endpoint=localhost:43001|session-id=10|tags=5");
    add_publication(client, "aeron:udp?control-mode=manual|tags=50");
    add_publication(client, "aeron:udp?control=localhost:43010|control-mode=dynamic");
    static_cast<void>(events());
    struct Row {
        std::string values;
        std::int32_t stream_id;
        std::size_t images;
    };
    for (const Row& row : {Row{"endpoint=localhost:43001", test_stream, 1},                      // 191
                           Row{"endpoint=127.0.0.1:43001", test_stream, 0},                      // 192
                           Row{"tags=5", test_stream, 1},                                        // 193
                           Row{"tags=5|session-id=99", test_stream, 1},                          // 194
                           Row{"endpoint=localhost:43001|session-id=99", test_stream, 0},        // 195
                           Row{"endpoint=localhost:43001|interface=localhost", test_stream, 0},  // 196
                           Row{"endpoint=localhost:43001|interface=0.0.0.0", test_stream, 1},    // 197
                           Row{"tags=6|endpoint=localhost:43001", test_stream, 1},               // 198
                           Row{"tags=6|endpoint=localhost:43001", test_stream + 1, 0},           // 199
                           Row{"control-mode=manual", test_stream, 0},                           // 200
                           Row{"tags=50", test_stream, 1},                                       //
                           Row{"control=localhost:43010", test_stream, 1}}) {                    // 201
        const std::int64_t id = add_subscription(client, "aeron-spy:aeron:udp?" + row.values, row.stream_id);
        EXPECT_EQ(events().size(), 1 + row.images) << row.values;
        remove_subscription(client, id);
        static_cast<void>(events());
    }
    EXPECT_THAT(labels(4), IsEmpty());
}

TEST_F(SpyCommands, NeverOpensASocket) {
    add_subscription(client, spy_on_unicast);

    EXPECT_THAT(transport.opened(), IsEmpty());
    EXPECT_THAT(told_to_sender(), IsEmpty());
}

TEST_F(SpyCommands, ChannelIsCheckedWithoutThePrefix) {
    struct Case {
        std::string channel;
        std::string answer;
    };
    for (const Case& each : {Case{"aeron-spy:aeron:ipc", "1"}, Case{"aeron-spy:aeron-spy:aeron:udp?endpoint=a:1", "1"},
                             Case{"aeron-spy:aeron:udp", "1"}, Case{"aeron-spy:aeron:udp?endpoint=localhost", "11"},
                             Case{"aeron-spy:aeron:udp?endpoint=nohost.invalid:1", "9"},
                             Case{"aeron-spy:aeron:udp?endpoint=localhost:1|tether=x", "11"}}) {
        const std::int64_t id = add_subscription(client, each.channel);
        EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, {})", id, each.answer))) << each.channel;
    }
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(SpyCommands, RemovalIsAnsweredAndTellsOfNoImage) {
    publish();
    const Spy watching = spy();

    const std::int64_t removal = remove_subscription(client, watching.subscription);

    EXPECT_THAT(events(), ElementsAre(fmt::format("OPERATION_SUCCESS({})", removal)));
    EXPECT_THAT(labels(4), IsEmpty());
}

TEST_F(SpyCommands, RejectionOfASpysImageIsRefused) {
    const Stream stream = publish();
    spy();

    EXPECT_THAT(execute(command::RejectImageCommand{
                    .client_id = client, .correlation_id = 77, .image_correlation_id = stream.publication}),
                ElementsAre("ERROR(77, 11)"));
}

}  // namespace
}  // namespace cpperon::driver
