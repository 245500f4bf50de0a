#include "cpperon/shm/cnc_layout.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::shm {
namespace {

using ::testing::HasSubstr;

TEST(CncLayout, PlacesTheDefaultSections) {
    const CncLayout layout = CncLayout::of(CncConfig{}).value_or_throw();

    EXPECT_EQ(layout.to_driver, (CncSection{128, 1'049'344}));
    EXPECT_EQ(layout.to_clients, (CncSection{1'049'472, 1'048'704}));
    EXPECT_EQ(layout.counters_metadata, (CncSection{2'098'176, 33'554'432}));
    EXPECT_EQ(layout.counters_values, (CncSection{35'652'608, 8'388'608}));
    EXPECT_EQ(layout.error_log, (CncSection{44'041'216, 4'194'304}));
    EXPECT_EQ(layout.end(), 48'235'520);
    EXPECT_EQ(cnc_file_length(layout, 4'096), 48'238'592);
    EXPECT_EQ(cnc_file_length(layout, 2'097'152), 50'331'648);
}

TEST(CncLayout, PlacesTheSectionsOfASmallCountersBuffer) {
    const CncLayout layout = CncLayout::of(CncConfig{.counters_values_buffer_length = 1'048'576}).value_or_throw();

    EXPECT_EQ(layout.counters_values.offset, 6'292'480);
    EXPECT_EQ(layout.error_log.offset, 7'341'056);
    EXPECT_EQ(layout.end(), 11'535'360);
    EXPECT_EQ(cnc_file_length(layout, 4'096), 11'538'432);
}

TEST(CncLayout, RefusesSettingsOutOfBoundsAndNamesThem) {
    const auto refusal = [](const std::function<void(CncConfig&)>& change) {
        CncConfig config;
        change(config);
        const Result<CncLayout> layout = CncLayout::of(config);
        return layout ? "accepted" : std::string{to_string(layout.error().code)} + ": " + layout.error().message;
    };
    const auto names = [](const std::string& setting) { return HasSubstr("invalid_argument: " + setting); };

    EXPECT_THAT(refusal([](auto& c) { c.to_driver_buffer_length = 1'048'576; }), names("to-driver buffer length"));
    EXPECT_THAT(refusal([](auto& c) { c.to_driver_buffer_length = 524'288 + 768; }), names("to-driver"));
    EXPECT_THAT(refusal([](auto& c) { c.to_driver_buffer_length = -1; }), names("to-driver"));
    EXPECT_THAT(refusal([](auto& c) { c.to_clients_buffer_length += 8; }), names("to-clients buffer length"));
    EXPECT_THAT(refusal([](auto& c) { c.counters_values_buffer_length = 1'048'576 - 128; }), names("counters buffer"));
    EXPECT_THAT(refusal([](auto& c) { c.counters_values_buffer_length = 524'288'128; }), names("counters buffer"));
    EXPECT_THAT(refusal([](auto& c) { c.counters_values_buffer_length += 8; }), names("counters buffer"));
    EXPECT_THAT(refusal([](auto& c) { c.error_log_buffer_length -= 8; }), names("error buffer length"));
    EXPECT_THAT(refusal([](auto& c) { c.error_log_buffer_length += 4; }), names("error buffer length"));
    EXPECT_THAT(refusal([](auto& c) { c.file_page_size = 2'048; }), names("file page size"));
    EXPECT_THAT(refusal([](auto& c) { c.file_page_size = 12'288; }), names("file page size"));
    EXPECT_THAT(refusal([](auto& c) { c.client_liveness_timeout_ns = 0; }), names("client liveness timeout"));
    EXPECT_THAT(refusal([](auto& c) { c.counters_values_buffer_length = 524'288'000; }), names("length of cnc.dat"));
}

/// The header of a small file that is in order.
CncHeader small_header() {
    CncHeader header{};
    header.to_driver_buffer_length = 64 + 768;
    header.to_clients_buffer_length = 64 + 128;
    header.counters_metadata_buffer_length = 4 * 512;
    header.counters_values_buffer_length = 512;
    header.error_log_buffer_length = 100;
    return header;
}

TEST(CncLayout, AcceptsSectionsOfOthersThatAreSmallerThanADriversMinimum) {
    const CncLayout layout = CncLayout::of(small_header(), "cnc.dat").value_or_throw();
    EXPECT_EQ(layout.end(), 128 + 832 + 192 + 2'048 + 512 + 100);
}

TEST(CncLayout, RefusesImpossibleLengthsAndNamesFileAndField) {
    const auto refusal = [](std::int32_t CncHeader::*const field, const std::int32_t value) {
        CncHeader header = small_header();
        header.*field = value;
        const Result<CncLayout> layout = CncLayout::of(header, "some/cnc.dat");
        return layout ? "accepted" : std::string{to_string(layout.error().code)} + ": " + layout.error().message;
    };
    for (const std::int32_t length : {INT32_MIN, -1, 0, 1, 767, 768, 772, 808, INT32_MAX}) {
        EXPECT_THAT(refusal(&CncHeader::to_driver_buffer_length, length),
                    HasSubstr("malformed_file: 'some/cnc.dat' is malformed: its to-driver buffer length is " +
                              std::to_string(length)));
    }
    for (const std::int32_t length : {INT32_MIN, -1, 0, 127, 128, 132, 200, INT32_MAX}) {
        EXPECT_THAT(refusal(&CncHeader::to_clients_buffer_length, length), HasSubstr("to-clients buffer length"));
    }
    for (const std::int32_t length : {INT32_MIN, -8, 12, 1 << 30}) {
        EXPECT_THAT(refusal(&CncHeader::counters_values_buffer_length, length), HasSubstr("counters"));
        EXPECT_THAT(refusal(&CncHeader::counters_metadata_buffer_length, length), HasSubstr("counters metadata"));
    }
    EXPECT_THAT(refusal(&CncHeader::error_log_buffer_length, -1), HasSubstr("error log buffer length"));
}

}  // namespace
}  // namespace cpperon::shm
