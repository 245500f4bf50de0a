#include "tools/stat_view.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "tools/snapshot_maker.hpp"

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CounterRow system_counter(const std::int32_t id, const std::int64_t value, const std::string& label) {
    return {.id = id, .type_id = 0, .value = value, .registration_id = id, .owner_id = -1, .label = label};
}

CounterRow stream_counter(const std::int32_t id, const std::int32_t type_id, const std::string& name,
                          const std::int64_t value, const std::int64_t registration_id,
                          const std::int64_t reference_id = 0) {
    CounterRow row = counter_of({.type_id = type_id,
                                 .registration_id = registration_id,
                                 .reference_id = reference_id,
                                 .value = value,
                                 .channel = "aeron:ipc",
                                 .name = name});
    row.id = id;
    return row;
}

class Stat : public ::testing::Test {
protected:
    Stat() {
        snapshot.constants.pid = 7;
        snapshot.max_counter_id = 8'191;
        snapshot.counters = {
            system_counter(0, 1'000'000, "Bytes sent"),
            system_counter(15, 0, "Errors: version=1 commit=2"),
            stream_counter(46, counter_type::publisher_position, "pub-pos (concurrent)", 4'096, 5),
            stream_counter(47, counter_type::publisher_limit, "pub-lmt", 36'864, 5),
            stream_counter(48, counter_type::subscriber_position, "sub-pos", 4'000, 6, 5),
        };
    }
    /// A second later.
    void next_look(const std::vector<std::int64_t>& changes) {
        rates.update(snapshot, now_ns);
        now_ns += 1'000'000'000;
        for (std::size_t index = 0; index < changes.size(); ++index) {
            snapshot.counters[index].value += changes[index];
        }
        rates.update(snapshot, now_ns);
    }
    std::vector<std::int32_t> ids() {
        std::vector<std::int32_t> found;
        const nlohmann::json stat = stat_as_json(snapshot, view, rates);
        for (const nlohmann::json& counter : stat["counters"]) {
            found.push_back(counter["id"]);
        }
        return found;
    }

    DriverSnapshot snapshot;
    CounterRates rates;
    StatView view;
    std::int64_t now_ns = 1;
};

TEST_F(Stat, RatesStandBetweenValueAndLabel) {
    next_look({12'345, 1});
    view.is_watched = true;

    const std::vector<Line> lines = stat_lines(snapshot, view, rates);

    EXPECT_EQ(lines[0].text, "   0:           1,012,345       +12,345/s - Bytes sent");
    EXPECT_EQ(lines[0].style, LineStyle::moving);
    EXPECT_EQ(lines[1].text, "  15:                   1          +1.0/s - Errors: version=1 commit=2");
    EXPECT_EQ(lines[1].style, LineStyle::alarming);
    EXPECT_EQ(lines[3].text, "  47:              36,864                 - pub-lmt: 5 -77 1001 aeron:ipc");
    EXPECT_EQ(lines[3].style, LineStyle::plain);
}

TEST_F(Stat, IsSortedAndCut) {
    next_look({0, 7, 100});

    view.order = SortOrder::value;
    EXPECT_THAT(ids(), ElementsAre(0, 47, 46, 48, 15));
    view.order = SortOrder::rate;
    EXPECT_THAT(ids(), ElementsAre(46, 15, 0, 47, 48));
    view.order = SortOrder::label;
    EXPECT_THAT(ids(), ElementsAre(0, 15, 47, 46, 48));
    view.top = 2;
    EXPECT_THAT(ids(), ElementsAre(0, 15));
}

TEST_F(Stat, ShowsWhatFitsEachFilter) {
    view.filter.types = {counter_type::publisher_limit, counter_type::subscriber_position};
    EXPECT_THAT(ids(), ElementsAre(47, 48));
    view.filter.identities = {6};
    EXPECT_THAT(ids(), ElementsAre(48));

    view.filter = {};
    view.filter.identities = {0, 5};
    EXPECT_THAT(ids(), ElementsAre(0, 46, 47)) << "system counters by id, others by registration id";

    view.filter = {};
    view.filter.sessions = {-77};
    view.filter.streams = {1001};
    EXPECT_THAT(ids(), ElementsAre(46, 47, 48));
    view.filter.streams = {1002};
    EXPECT_THAT(ids(), ElementsAre());

    view.filter = {};
    view.filter.set_label("^sub-pos: \\d+");
    EXPECT_THAT(ids(), ElementsAre(48));

    view.filter = {};
    view.filter.set_channel("ipc$");
    EXPECT_THAT(ids(), ElementsAre(46, 47, 48));
    EXPECT_THROW(view.filter.set_channel("("), InvalidArgumentError);
}

TEST_F(Stat, StreamsHaveALineForEachParty) {
    next_look({0, 0, 2'500'000, 2'500'000, 2'400'000});
    view.is_by_stream = true;

    const std::vector<Line> lines = stat_lines(snapshot, view, rates);

    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1].text, "stream 1001, session -77, aeron:ipc");
    EXPECT_EQ(lines[2].text, "  publisher       5           2,504,096      2.50                      32,768");
    EXPECT_EQ(lines[3].text, "  subscriber      6           2,404,000      2.40       100,096");
    const nlohmann::json stream = stat_as_json(snapshot, view, rates)["streams"][0];
    EXPECT_EQ(stream["parties"][0]["role"], "publisher");
    EXPECT_EQ(stream["parties"][0]["bytes_per_second"], 2'500'000);
    EXPECT_EQ(stream["parties"][1]["behind"], 100'096);
}

// An id that was given to another counter, and another driver in the place of the first, begin without a rate.
TEST_F(Stat, RatesAreOfOneCounterOfOneDriver) {
    next_look({500});
    EXPECT_EQ(rates.of(snapshot.counters[0]), 500);
    EXPECT_EQ(rates.interval_s(), 1);

    snapshot.counters[2] = stream_counter(46, counter_type::publisher_position, "pub-pos (concurrent)", 0, 9);
    EXPECT_EQ(rates.of(snapshot.counters[2]), std::nullopt);
    now_ns += 500'000'000;
    rates.update(snapshot, now_ns);
    EXPECT_EQ(rates.of(snapshot.counters[2]), std::nullopt);
    EXPECT_EQ(rates.of(snapshot.counters[0]), 0);
    EXPECT_EQ(rates.interval_s(), 0.5);

    snapshot.constants.pid = 8;
    now_ns += 500'000'000;
    rates.update(snapshot, now_ns);
    EXPECT_EQ(rates.of(snapshot.counters[0]), std::nullopt);
    EXPECT_EQ(rates.interval_s(), std::nullopt);
}

TEST_F(Stat, MomentsAndMaximaHaveNoRates) {
    snapshot.counters = {
        system_counter(26, 5, "Conductor max cycle time doing its work in ns: SHARED"),
        {.id = 46, .type_id = counter_type::client_heartbeat, .value = 5, .label = "client-heartbeat"}};
    next_look({1'000, 1'000});

    EXPECT_EQ(rates.of(snapshot.counters[0]), std::nullopt);
    EXPECT_EQ(rates.of(snapshot.counters[1]), std::nullopt);
}

TEST_F(Stat, TheHeadingTellsHowTheDriverIs) {
    snapshot.heartbeat_ms = snapshot.taken_ms - 12;
    snapshot.state = DriverState::alive;
    EXPECT_THAT(stat_heading(snapshot), HasSubstr(" - Aeron Stat (CnC v0.0.0), pid 7, heartbeat age 12ms"));

    snapshot.heartbeat_ms = -1;
    snapshot.state = DriverState::closed;
    EXPECT_THAT(stat_heading(snapshot), HasSubstr("pid 7, closed"));
}

// A label must not move the cursor of who looks at it, and JSON is UTF-8 whatever it holds.
TEST_F(Stat, LabelsAreTakenForText) {
    snapshot.counters = {system_counter(1, 0, "a\x1b[2Jb\xff")};

    EXPECT_THAT(stat_lines(snapshot, view, rates)[0].text, HasSubstr(" - a?[2Jb"));
}

}  // namespace
}  // namespace cpperon::tools
