/// Where the settings come from must not matter. spec: 05 §17.3, 06 §3.1
#include "cpperon/driver/settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/properties.hpp"
#include "cpperon/driver/setting_names.hpp"
#include "cpperon/driver/setting_rows.hpp"
#include "cpperon/driver/test_directory.hpp"

namespace cpperon {
namespace {

using driver::Bounds;
using driver::Setting;

/// Has a text for every setting, such that its value is not the default.
class OtherValues {
public:
    void section(std::string_view /*title*/) {}
    void text(const Setting& setting, const std::string& /*field*/) { put(setting.property, "/dev/shm/orders = x"); }
    void flag(const Setting& setting, const bool field) { put(setting.property, field ? "off" : "on"); }
    void size(const Setting& setting, const std::int64_t field, const Bounds& bounds) {
        put(setting.property, field == bounds.low ? "64m" : std::to_string(bounds.low));
    }
    void integer(const Setting& setting, const std::int32_t field, const Bounds& /*bounds*/) {
        put(setting.property, field == 7 ? "8" : "0x7");
    }
    void duration(const Setting& setting, const std::chrono::nanoseconds /*field*/, const Bounds&) {
        put(setting.property, "77ms");
    }
    void optional_duration(const Setting& setting, const std::optional<std::chrono::nanoseconds>& /*field*/,
                           const Bounds& /*bounds*/) {
        put(setting.property, "78us");
    }
    void milliseconds(const Setting& setting, const std::chrono::milliseconds /*field*/, const Bounds&) {
        put(setting.property, "79");
    }
    void mode(const Setting& setting, const std::optional<ThreadingMode>& /*field*/) {
        put(setting.property, "SHARED_NETWORK");
    }
    void naming(const Setting& setting, const ThreadNaming /*field*/) { put(setting.property, "new"); }
    void whole(const Setting& setting, const std::int64_t /*field*/, const Bounds&) { put(setting.property, "9"); }
    void optional_long(const Setting& setting, const std::optional<std::int64_t>& /*field*/, const Bounds&) {
        put(setting.property, "-10");
    }
    void group(const Setting& setting, const GroupConsideration /*field*/) { put(setting.property, "true"); }
    void flow_control(const Setting& setting, const uri::FlowControlStrategy /*field*/) {
        put(setting.property, "multicast_tagged");
    }
    void congestion_control(const Setting& setting, const CongestionControlSupplier /*field*/) {
        put(setting.property, "cubic");
    }
    void ports(const Setting& setting, const net::PortRange& /*field*/) { put(setting.property, "20 30"); }
    void idle(const Setting& setting, const IdleSetting& /*field*/) {
        put(setting.property, "backoff");
        put(std::string{setting.property} + ".init.args", "1-2-3us-4ms");
    }
    void validator(const Setting& setting, const TerminationValidator& /*field*/) { put(setting.property, "allow"); }

    [[nodiscard]] const std::map<std::string, std::string>& texts() const noexcept { return texts_; }

private:
    void put(const std::string_view property, const std::string_view text) {
        texts_.emplace(std::string{property}, std::string{text});
    }

    std::map<std::string, std::string> texts_;
};

std::optional<std::string> empty_environment(std::string_view /*name*/) {
    return std::nullopt;
}

/// All settings as a driver prints them, read from there.
std::string settings_from(const EnvironmentLookup& environment) {
    const DriverContext context =
        DriverContext::from_environment(environment, [](const std::string_view warning) { ADD_FAILURE() << warning; });
    return describe(context);
}

// spec: 05-C51
TEST(Settings, AreTheSameFromTheEnvironmentFromArgumentsAndFromFiles) {
    const DriverContext defaults;
    OtherValues others;
    driver::visit_settings(defaults, others);
    const driver::TestDirectory directory;
    const std::string file_name = directory / "driver.properties";
    std::map<std::string, std::string, std::less<>> variables;
    Properties arguments;
    {
        std::ofstream file{file_name};
        for (const auto& [property, text] : others.texts()) {
            variables.emplace(environment_name(property), text);
            arguments.set(property + "=" + text);
            file << property << " : " << text << '\n';
        }
    }
    Properties file;
    file.load_file(file_name);

    const std::string from_environment = settings_from([&](const std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    });

    EXPECT_EQ(settings_from(arguments.over(empty_environment)), from_environment);
    EXPECT_EQ(settings_from(file.over(empty_environment)), from_environment);
    // Each of them was read, whatever its kind.
    const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
    const std::string by_default = describe(defaults);
    EXPECT_EQ(lines(from_environment), lines(by_default));
    for (const auto& [property, text] : others.texts()) {
        const std::size_t begin = by_default.find("    " + property + "=");
        ASSERT_NE(begin, std::string::npos) << property;
        const std::string line = by_default.substr(begin, by_default.find('\n', begin) + 1 - begin);
        const bool keeps_its_name = text == "backoff" && line.ends_with("=backoff\n");
        EXPECT_TRUE(keeps_its_name || from_environment.find(line) == std::string::npos) << line;
    }
}

TEST(Settings, SayWhatTheyAreForAndWhatIsAllowed) {
    for (const driver::SettingRow& row : driver::list_settings({})) {
        SCOPED_TRACE(row.property);
        EXPECT_FALSE(row.section.empty());
        EXPECT_FALSE(row.allowed.empty());
        EXPECT_GT(row.meaning.size(), 10U);
        EXPECT_EQ(driver::complaint_about(row.property), std::nullopt);
        EXPECT_EQ(driver::complaint_about(environment_name(row.property)), std::nullopt);
    }
}

TEST(Settings, OfNobodyAreToldFromThoseOfOthers) {
    const auto complaint = [](const std::string_view name) { return driver::complaint_about(name).value_or("none"); };

    EXPECT_EQ(complaint("aeron.mtu.lenght"), "unknown setting 'aeron.mtu.lenght'; did you mean aeron.mtu.length?");
    EXPECT_EQ(complaint("AERON_IPC_TERM_LENGTH"),
              "unknown setting 'AERON_IPC_TERM_LENGTH'; did you mean AERON_IPC_TERM_BUFFER_LENGTH?");
    EXPECT_EQ(complaint("cpperon.socket.recieve.offload"),
              "unknown setting 'cpperon.socket.recieve.offload'; did you mean cpperon.socket.receive.offload?");
    EXPECT_EQ(complaint("aeron.client.livness.timeout"),
              "unknown setting 'aeron.client.livness.timeout'; did you mean aeron.client.liveness.timeout?");
    EXPECT_EQ(complaint("aeron.foo"),
              "unknown setting 'aeron.foo'; `cpperond --help-settings` lists those that there are");
    EXPECT_EQ(complaint("foo"), "unknown setting 'foo': the names of settings begin with aeron. or cpperon.");
    EXPECT_EQ(complaint("aeron.SendChannelEndpoint.supplier"),
              "the setting 'aeron.SendChannelEndpoint.supplier' has no effect: only the Java driver reads it");
    EXPECT_EQ(complaint("AERON_DRIVER_DYNAMIC_LIBRARIES"),
              "the setting 'AERON_DRIVER_DYNAMIC_LIBRARIES' has no effect: shared libraries are not loaded");

    for (const std::string_view name :
         {"aeron.client.name", "AERON_CLIENT_PRE_TOUCH_MAPPED_MEMORY", "aeron.archive.control.channel",
          "AERON_ARCHIVE_DIR", "aeron.cluster.id", "aeron.unicast.FlowControl.supplier"}) {
        EXPECT_EQ(complaint(name), "none") << name;
    }
}

}  // namespace
}  // namespace cpperon
