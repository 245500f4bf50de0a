#include "cpperon/driver/event_log/event_selection.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Selection : testing::Test {
    EventSet select(const std::string_view text) {
        return parse_event_selection(text, [this](const std::string_view item) { unknown.emplace_back(item); });
    }

    std::vector<std::string> unknown;
};

TEST_F(Selection, TakesNamesAndNumbersAndTheAlias) {
    EXPECT_EQ(select("FRAME_IN,3, CMD_OUT_ERROR ,62"),
              (EventSet{EventId::frame_in, EventId::cmd_in_add_publication, EventId::cmd_out_error,
                        EventId::dynamic_dissector_event}));
    EXPECT_EQ(select("SEND_NAK_MESSAGE"), EventSet{EventId::nak_sent});
    EXPECT_EQ(select(""), EventSet{});
    EXPECT_EQ(select(" ,,"), EventSet{});
    EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(Selection, TakesAllAndAdminWhichIsAllButFramesAndDissectors) {
    EventSet admin = EventSet::all();
    admin.remove(
        {EventId::frame_in, EventId::frame_out, EventId::add_dynamic_dissector, EventId::dynamic_dissector_event});

    EXPECT_EQ(select("all"), EventSet::all());
    EXPECT_EQ(select("admin"), admin);
    EXPECT_EQ(select("admin,1"), select("admin,FRAME_IN"));
    EXPECT_TRUE(EventSet::all().contains(EventId::frame_in));
    EXPECT_TRUE(EventSet::all().contains(EventId::dynamic_dissector_event));
    EXPECT_TRUE(admin.contains(EventId::publication_image_revoke));
    EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(Selection, TakesTheMasksOfOldDrivers) {
    EventSet frames_out{EventId::frame_out};
    EventSet both_ways = EventSet::commands_in();
    both_ways.add(EventSet::commands_out());

    EXPECT_EQ(select("0x1"), EventSet::commands_in());
    EXPECT_EQ(select("0x2"), EventSet::commands_out());
    EXPECT_EQ(select("0x3"), both_ways);
    EXPECT_EQ(select("0x4"), EventSet{EventId::frame_in});
    EXPECT_EQ(select("0x8"), frames_out);
    EXPECT_EQ(select("0x10"), frames_out);
    EXPECT_EQ(select("0x80"), EventSet{EventId::untethered_subscription_state_change});
    EXPECT_EQ(select("0x20"), EventSet{});
    EXPECT_EQ(select("0xffff"), EventSet::all());
    EXPECT_EQ(select("0xFFFFFFFF"), EventSet::all());
    EXPECT_TRUE(EventSet::commands_in().contains(EventId::cmd_in_reject_image));
    EXPECT_FALSE(EventSet::commands_in().contains(EventId::cmd_out_error));
    EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(Selection, TellsWhatItDoesNotKnowAndTakesTheRest) {
    EXPECT_EQ(select("nonsense,CMD_OUT_ERROR,cmd_out_error,ALL,0,9,63,64,-1,999999999999999999999,0xyz"),
              EventSet{EventId::cmd_out_error});

    EXPECT_THAT(unknown, ElementsAre("nonsense", "cmd_out_error", "ALL", "0", "9", "63", "64", "-1",
                                     "999999999999999999999", "0xyz"));
}

TEST(EventIds, HaveTheNumbersAndNamesOfOtherDrivers) {
    EXPECT_EQ(to_string(EventId{1}), "FRAME_IN");
    EXPECT_EQ(to_string(EventId{12}), "CMD_OUT_ON_OPERATION_SUCCESS");
    EXPECT_EQ(to_string(EventId{26}), "RECEIVE_CHANNEL_CLOSE");
    EXPECT_EQ(to_string(EventId{45}), "UNTETHERED_SUBSCRIPTION_STATE_CHANGE");
    EXPECT_EQ(to_string(EventId{54}), "NAK_SENT");
    EXPECT_EQ(to_string(EventId{60}), "PUBLICATION_IMAGE_REVOKE");
    EXPECT_EQ(to_string(EventId{9}), "");
    int count = 0;
    for (std::int32_t number = 0; number < 64; ++number) {
        const std::string_view name = to_string(EventId{number});
        count += name.empty() ? 0 : 1;
        EXPECT_TRUE(name.empty() || find_event(name) == EventId{number}) << number;
    }
    EXPECT_EQ(count, 51);
}

}  // namespace
}  // namespace cpperon::driver
