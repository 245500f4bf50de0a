#include "tools/metrics.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <prometheus/check_names.h>
#include <prometheus/text_serializer.h>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/counter_types.hpp"
#include "tools/metric_table.hpp"
#include "tools/snapshot_maker.hpp"

namespace cpperon::tools {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::size_t many = 1'000;

std::vector<std::string> scrape(const DriverLook& look, const std::size_t max_streams = many) {
    std::istringstream text{
        prometheus::TextSerializer{}.Serialize(collect_metrics(look, max_streams, std::chrono::milliseconds{2}))};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST(Metrics, TellOfTheDriverAndItsCountersInBaseUnits) {
    SnapshotMaker maker;
    maker.add_system(SystemCounter::bytes_sent, 12, "Bytes sent");
    maker.add_system(SystemCounter::conductor_max_cycle_time, 2'500'000,
                     "Conductor max cycle time doing its work in ns: SHARED");
    maker.add_system(SystemCounter::aeron_version, 79'104, "Aeron software: version=1.53.0 commit=ab12");
    maker.add_system(SystemCounter::control_protocol_version, 65'536, "Control protocol version");
    maker.add_system(SystemCounter::resolution_changes, 0, "Resolution changes: driverName=east");
    maker.add_system(SystemCounter{46}, 9, "Something new");
    maker.snapshot.errors = {{.count = 2, .first_ms = 1, .last_ms = 3'000}, {.count = 3, .last_ms = 2'000}};

    const auto lines = scrape(maker.look());

    EXPECT_THAT(lines, Contains("# HELP aeron_up 1 if the driver is alive, else 0"));
    EXPECT_THAT(lines, Contains("# TYPE aeron_up gauge"));
    EXPECT_THAT(lines, Contains("aeron_up 1"));
    EXPECT_THAT(lines, Contains(R"(aeron_driver_state{state="alive"} 1)"));
    EXPECT_THAT(lines, Contains(R"(aeron_driver_state{state="dead"} 0)"));
    EXPECT_THAT(
        lines, Contains(R"(aeron_driver_info{directory="/dev/shm/aeron",pid="42",cnc_version="0.2.0",version="1.53.0",)"
                        R"(commit="ab12",control_protocol_version="1.0.0",resolver="east"} 1)"));
    EXPECT_THAT(lines, Contains("aeron_driver_start_time_seconds 1.5"));
    EXPECT_THAT(lines, Contains("aeron_driver_heartbeat_age_seconds 0.25"));
    EXPECT_THAT(lines, Contains("# TYPE aeron_sent_bytes_total counter"));
    EXPECT_THAT(lines, Contains("aeron_sent_bytes_total 12"));
    EXPECT_THAT(lines, Contains("aeron_conductor_cycle_time_max_seconds 0.0025"));
    EXPECT_THAT(lines, Contains(R"(aeron_counter{type_id="0",registration_id="46",label="Something new"} 9)"));
    EXPECT_THAT(lines, Contains("aeron_error_log_entries 2"));
    EXPECT_THAT(lines, Contains("aeron_error_log_observations_total 5"));
    EXPECT_THAT(lines, Contains("aeron_error_log_last_observation_time_seconds 3"));
    EXPECT_THAT(lines, Contains("cpperon_export_snapshot_seconds 0.002"));
    EXPECT_THAT(lines, Contains(R"(cpperon_export_left_out{kind="streams"} 0)"));
}

TEST(Metrics, TellOfEachStream) {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4, .value = 100});
    maker.add_stream({.type_id = counter_type::publisher_limit, .registration_id = 4, .value = 164});
    maker.add_stream({.type_id = counter_type::receiver_high_water_mark, .registration_id = 9, .value = 90});
    maker.add_stream(
        {.type_id = counter_type::per_image, .registration_id = 9, .value = 1'000'000, .name = "rcv-cc-cubic-rtt"});
    maker.add_stream(
        {.type_id = counter_type::per_image, .registration_id = 9, .value = 4'096, .name = "rcv-cc-cubic-wnd"});
    maker.add_stream(
        {.type_id = counter_type::subscriber_position, .registration_id = 2, .reference_id = 9, .value = 80});

    const auto lines = scrape(maker.look());

    const std::string stream =
        R"({session_id="-77",stream_id="1001",channel="aeron:udp?endpoint=localhost:1",registration_id=)";
    EXPECT_THAT(lines, Contains("aeron_publication_position_bytes_total" + stream + R"("4"} 100)"));
    EXPECT_THAT(lines, Contains("aeron_publication_limit_bytes" + stream + R"("4"} 164)"));
    EXPECT_THAT(lines, Contains("aeron_publication_window_bytes" + stream + R"("4"} 64)"));
    EXPECT_THAT(lines, Contains("aeron_receiver_high_water_mark_bytes_total" + stream + R"("9"} 90)"));
    EXPECT_THAT(lines, Contains("aeron_receiver_round_trip_seconds" + stream + R"("9"} 0.001)"));
    EXPECT_THAT(lines, Contains("aeron_receiver_congestion_window_bytes" + stream + R"("9"} 4096)"));
    EXPECT_THAT(lines, Contains("aeron_subscriber_position_bytes_total" + stream + R"("2"} 80)"));
    EXPECT_THAT(lines, Contains("aeron_subscriber_lag_bytes" + stream + R"("2"} 10)"));
    EXPECT_THAT(lines, Not(Contains(StartsWith("aeron_sender_window_bytes"))));
}

TEST(Metrics, TellOfChannelsClientsAndResolvers) {
    SnapshotMaker maker;
    const ChannelCounterKey channel{"aeron:udp?endpoint=a:1"};
    maker.add(
        {.type_id = counter_type::send_channel_status, .value = 1, .registration_id = 3, .key = channel.encode()});
    maker.add(
        {.type_id = counter_type::multi_destination_count, .value = 2, .registration_id = 3, .key = channel.encode()});
    maker.add({.type_id = counter_type::client_heartbeat,
               .value = 8'000,
               .registration_id = 5,
               .label = "client-heartbeat: id=5 name=my orders version=1.2 commit=cd"});
    maker.add({.type_id = counter_type::bootstrap_neighbor,
               .value = 1,
               .label = "Bootstrap neighbor: name=west:8050 resolved=10.0.0.1:8050"});
    maker.add({.type_id = counter_type::resolver_neighbors, .value = 3});

    const auto lines = scrape(maker.look());

    EXPECT_THAT(
        lines,
        Contains(R"(aeron_channel_status{channel="aeron:udp?endpoint=a:1",registration_id="3",direction="send"} 1)"));
    EXPECT_THAT(lines,
                Contains(R"(aeron_channel_destinations{channel="aeron:udp?endpoint=a:1",registration_id="3"} 2)"));
    EXPECT_THAT(lines, Contains("aeron_clients 1"));
    EXPECT_THAT(lines,
                Contains(R"(aeron_client_heartbeat_age_seconds{client_id="5",name="my orders",version="1.2"} 2)"));
    EXPECT_THAT(lines, Contains(R"(aeron_resolver_bootstrap_neighbor{neighbor="west:8050"} 1)"));
    EXPECT_THAT(lines, Contains("aeron_resolver_neighbors 3"));
}

// Labels are what clients wrote; one that Prometheus cannot read would cost the whole scrape.
TEST(Metrics, EscapeWhatClientsWrote) {
    SnapshotMaker maker;
    maker.add({.type_id = 1'001, .value = 1, .label = "quote \" slash \\ line \n end"});
    maker.add({.type_id = 1'002, .value = 2, .label = "h\xC3\xA9 \xFF"});
    maker.add({.type_id = 1'002, .value = 3, .label = "h\xC3\xA9 \xFF"});

    const auto lines = scrape(maker.look());

    EXPECT_THAT(lines, Contains("aeron_counter{type_id=\"1001\",registration_id=\"0\",label=\"quote \\\" slash \\\\ "
                                "line \xEF\xBF\xBD end\"} 1"));
    EXPECT_THAT(lines,
                Contains("aeron_counter{type_id=\"1002\",registration_id=\"0\",label=\"h\xC3\xA9 \xEF\xBF\xBD\"} 2"));
    EXPECT_THAT(lines, Not(Contains(HasSubstr("\"} 3"))));
}

TEST(Metrics, KeepTheirLimitAndTheOldestStreams) {
    SnapshotMaker maker;
    for (std::int64_t id = 20; id > 0; --id) {
        maker.add_stream({.type_id = counter_type::publisher_limit, .registration_id = id});
        maker.add({.type_id = 1'001, .registration_id = id});
        maker.snapshot.losses.push_back({.count = 1, .session_id = static_cast<std::int32_t>(id)});
    }

    const auto lines = scrape(maker.look(), 3);

    for (const char* const kind : {"streams", "counters", "lossy_images"}) {
        EXPECT_THAT(lines, Contains(std::string{R"(cpperon_export_left_out{kind=")"} + kind + R"("} 17)"));
    }
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) { return line.starts_with("aeron_publication_limit_bytes{"); }),
              3);
    EXPECT_THAT(lines,
                Contains(AllOf(StartsWith("aeron_publication_limit_bytes{"), HasSubstr(R"(registration_id="1")"))));
}

// An image that joins again from the same source begins another entry in the report.
TEST(Metrics, AddUpTheLossesOfOneImage) {
    SnapshotMaker maker;
    const LossRow loss{
        .count = 2, .total_bytes_lost = 64, .session_id = 1, .stream_id = 2, .channel = "c", .source = "s"};
    maker.snapshot.losses = {loss, loss};

    const auto lines = scrape(maker.look());

    EXPECT_THAT(lines, Contains(R"(aeron_lost_bytes_total{session_id="1",stream_id="2",channel="c",source="s"} 128)"));
    EXPECT_THAT(lines, Contains(R"(aeron_losses_total{session_id="1",stream_id="2",channel="c",source="s"} 4)"));
}

TEST(Metrics, OfADriverThatIsNotAliveAreItsErrorsAndLosses) {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4});
    maker.snapshot.losses = {{.count = 1}};
    maker.snapshot.state = DriverState::closed;
    maker.snapshot.heartbeat_ms = -1;

    const auto closed = scrape(maker.look());
    const auto absent = scrape({.directory = "/nowhere", .snapshot = std::nullopt, .problem = "nobody"});

    EXPECT_THAT(closed, Contains("aeron_up 0"));
    EXPECT_THAT(closed, Contains(R"(aeron_driver_state{state="closed"} 1)"));
    EXPECT_THAT(closed, Contains(StartsWith("aeron_losses_total")));
    EXPECT_THAT(closed, Not(Contains(StartsWith("aeron_publication"))));
    EXPECT_THAT(closed, Not(Contains(StartsWith("aeron_driver_heartbeat_age_seconds"))));
    EXPECT_THAT(absent, Contains("aeron_up 0"));
    EXPECT_THAT(absent, Contains(R"(aeron_driver_state{state="absent"} 1)"));
    EXPECT_THAT(absent, Not(Contains(StartsWith("aeron_errors"))));
}

TEST(Metrics, FollowTheConventionsOfPrometheus) {
    std::set<std::string_view> names;
    for (const MetricDescription& metric : metric_descriptions()) {
        SCOPED_TRACE(metric.name);
        EXPECT_TRUE(names.insert(metric.name).second);
        EXPECT_TRUE(prometheus::CheckMetricName(std::string{metric.name}));
        EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::Counter);
        EXPECT_THAT(metric.help, Not(IsEmpty()));
    }
}

// The table of docs/monitoring.md: | `name` | type | labels | help |
TEST(Metrics, AreThoseOfTheGuide) {
    std::ifstream file{CPPERON_DOCS "/monitoring.md"};
    const std::string guide{std::istreambuf_iterator<char>{file}, {}};
    const std::regex row{R"(\| `((?:aeron|cpperon)_\w+)` \| (\w+) \|)"};
    std::set<std::string> documented;
    for (std::sregex_iterator found{guide.begin(), guide.end(), row}; found != std::sregex_iterator{}; ++found) {
        documented.insert((*found)[1].str() + " " + (*found)[2].str());
    }

    std::set<std::string> exported;
    for (const MetricDescription& metric : metric_descriptions()) {
        exported.insert(std::string{metric.name} + (metric.type == MetricType::Counter ? " counter" : " gauge"));
    }
    EXPECT_EQ(documented, exported);
}

}  // namespace
}  // namespace cpperon::tools
