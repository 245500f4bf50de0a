#include "cpperon/uri/publication_params.hpp"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

constexpr std::int32_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t int32_max = std::numeric_limits<std::int32_t>::max();

Result<PublicationParams> parse(const std::string& channel, const ChannelDefaults& defaults = {},
                                const FindTaggedPublication& find_tagged = {}) {
    return try_parse_publication_params(ChannelUri::parse(channel), defaults, find_tagged);
}

// The parameters of an IPC publication with a term length of 128 KiB.
PublicationParams params_of(const std::string& parameters) {
    ChannelDefaults defaults;
    defaults.ipc.term_length = 128 * 1024;
    const auto params = parse("aeron:ipc?" + parameters, defaults);
    EXPECT_TRUE(params) << parameters << ": " << (params ? "" : params.error().message);
    return params ? params.value() : PublicationParams{};
}

std::string error_of(const std::string& parameters) {
    ChannelDefaults defaults;
    defaults.ipc.term_length = 128 * 1024;
    const auto params = parse("aeron:ipc?" + parameters, defaults);
    if (params) {
        return "no error";
    }
    EXPECT_EQ(params.error().code, ErrorCode::generic_error) << parameters;
    return params.error().message;
}

TEST(PublicationParams, WithoutParametersAreTheDefaultsOfTheMedia) {
    const PublicationParams udp = parse("aeron:udp?endpoint=localhost:1").value();
    const PublicationParams ipc = parse("aeron:ipc").value();

    EXPECT_EQ(udp.term_length, 16 * 1024 * 1024);
    EXPECT_EQ(ipc.term_length, 64 * 1024 * 1024);
    EXPECT_EQ(ipc.publication_window_length, 32 * 1024 * 1024);
    EXPECT_EQ(ipc.mtu_length, 1'408);
    EXPECT_FALSE(ipc.has_mtu_length);
    EXPECT_FALSE(ipc.has_term_length);
    EXPECT_EQ(ipc.session_id, std::nullopt);
    EXPECT_EQ(ipc.entity_tag, std::nullopt);
    EXPECT_EQ(ipc.start_position, std::nullopt);
    EXPECT_EQ(ipc.linger_timeout_ns, 5'000'000'000);
    EXPECT_EQ(ipc.max_resend, 16);
    EXPECT_TRUE(ipc.is_sparse);
    EXPECT_TRUE(ipc.signals_eos);
    EXPECT_FALSE(ipc.spies_simulate_connection);
    EXPECT_EQ(ipc.response_correlation_id, response_correlation_none);
    EXPECT_EQ(ipc.untethered_window_limit_timeout_ns, 5'000'000'000);
    EXPECT_EQ(ipc.untethered_linger_timeout_ns, 5'000'000'000);
    EXPECT_EQ(ipc.untethered_resting_timeout_ns, 10'000'000'000);
}

TEST(PublicationParams, AreReadFromTheUri) {
    const PublicationParams params = params_of(
        "session-id=-7|tags=1,77|linger=0|term-length=256k|max-resend=3|mtu=8k|pub-wnd=64k|sparse=false|eos=false|ssc="
        "true|"
        "response-correlation-id=55|untethered-window-limit-timeout=1s|untethered-linger-timeout=2s|"
        "untethered-resting-timeout=3s");

    EXPECT_EQ(params.session_id, SessionId{-7});
    EXPECT_EQ(params.entity_tag, 77);
    EXPECT_EQ(params.linger_timeout_ns, 0);
    EXPECT_EQ(params.term_length, 256 * 1024);
    EXPECT_TRUE(params.has_term_length);
    EXPECT_EQ(params.max_resend, 3);
    EXPECT_EQ(params.mtu_length, 8'192);
    EXPECT_TRUE(params.has_mtu_length);
    EXPECT_EQ(params.publication_window_length, 64 * 1024);
    EXPECT_FALSE(params.is_sparse);
    EXPECT_FALSE(params.signals_eos);
    EXPECT_TRUE(params.spies_simulate_connection);
    EXPECT_EQ(params.response_correlation_id, 55);
    EXPECT_EQ(params.untethered_window_limit_timeout_ns, 1'000'000'000);
    EXPECT_EQ(params.untethered_linger_timeout_ns, 2'000'000'000);
    EXPECT_EQ(params.untethered_resting_timeout_ns, 3'000'000'000);
}

TEST(PublicationParams, MtuIsBoundedAndAligned) {
    EXPECT_THAT(error_of("mtu=32"), HasSubstr("mtuLength must be a > HEADER_LENGTH and <= MAX_UDP_PAYLOAD_LENGTH"));
    EXPECT_THAT(error_of("mtu=33"), HasSubstr("must be a multiple of FRAME_ALIGNMENT"));
    EXPECT_EQ(params_of("mtu=64").mtu_length, 64);
    EXPECT_EQ(params_of("mtu=65504").mtu_length, 65'504);
    EXPECT_THAT(error_of("mtu=65536"), HasSubstr("<= MAX_UDP_PAYLOAD_LENGTH"));
    EXPECT_THAT(error_of("mtu=1400"), HasSubstr("must be a multiple of FRAME_ALIGNMENT"));
}

// spec: 05-C27
TEST(PublicationParams, MaxResendIsOneTo256) {
    EXPECT_EQ(params_of("max-resend=1").max_resend, 1);
    EXPECT_EQ(params_of("max-resend=256").max_resend, 256);
    for (const std::string value : {"0", "257", "1k"}) {
        EXPECT_THAT(error_of("max-resend=" + value), HasSubstr("must be > 0 and <= 256")) << value;
    }
    EXPECT_THAT(error_of("max-resend=x"), HasSubstr("could not parse max-resend=x"));
}

// spec: 05-C26, 03-C44
TEST(PublicationParams, WindowLiesBetweenMtuAndHalfATerm) {
    EXPECT_THAT(error_of("pub-wnd=1024"), HasSubstr("pub-wnd=1024 cannot be less than the mtu=1408"));
    EXPECT_THAT(error_of("pub-wnd=128k"), HasSubstr("pub-wnd=128k must not exceed half the term-length=131072"));
    EXPECT_EQ(params_of("pub-wnd=64k").publication_window_length, 65'536);
    EXPECT_EQ(params_of("pub-wnd=1408").publication_window_length, 1'408);
    EXPECT_THAT(error_of("pub-wnd=1407"), HasSubstr("cannot be less than the mtu"));
    EXPECT_THAT(error_of("pub-wnd=65537"), HasSubstr("must not exceed half the term-length"));
    // Wherever they stand in the URI, MTU and term length are known before.
    EXPECT_THAT(error_of("pub-wnd=262144|term-length=65536"), HasSubstr("half the term-length=65536"));
    EXPECT_THAT(error_of("pub-wnd=4k|mtu=8k"), HasSubstr("cannot be less than the mtu=8192"));
    EXPECT_EQ(params_of("pub-wnd=128k|term-length=256k").publication_window_length, 131'072);

    EXPECT_EQ(params_of("").publication_window_length, 65'536);
    EXPECT_EQ(default_publication_window(0, 131'072), 65'536);
    EXPECT_EQ(default_publication_window(4'096, 131'072), 4'096);
    EXPECT_EQ(default_publication_window(65'536, 131'072), 65'536);
    EXPECT_EQ(default_publication_window(1'000'000, 131'072), 65'536);
}

// The row `term-offset=64k` of the table, which the reference C driver reads as 64, is an error here (05 §3.3
// recommends to refuse what follows the digits). spec: 05-C24, 03-C10
TEST(PublicationParams, StartPositionIsThatOfTheTable) {
    struct Row {
        std::string parameters;
        std::int64_t position;
    };
    for (const auto& [parameters, position] :
         std::initializer_list<Row>{{"init-term-id=5|term-id=7|term-offset=64", 262'208},
                                    {"init-term-id=-5|term-id=7|term-offset=131072", 1'703'936},
                                    {"init-term-id=2147483647|term-id=-2147483648|term-offset=0", 131'072},
                                    {"init-term-id=0x10|term-id=020|term-offset=0x20", 32},
                                    {"init-term-id=3|term-id=4|term-offset=32", 131'104},
                                    {"init-term-id=0|term-id=0|term-offset=65536|term-length=65536", 65'536},
                                    {"init-term-id=0|term-id=0|term-offset=0", 0}}) {
        const PublicationParams params = params_of(parameters);
        ASSERT_TRUE(params.start_position) << parameters;
        EXPECT_EQ(params.start_position->position(params.term_length), position) << parameters;
    }

    EXPECT_THAT(error_of("init-term-id=-5|term-id=7|term-offset=131104"), HasSubstr("term-offset=131104"));
    EXPECT_THAT(error_of("init-term-id=5|term-id=4|term-offset=0"),
                HasSubstr("Param difference greater than 2^31 - 1"));
    EXPECT_THAT(error_of("init-term-id=-2147483648|term-id=0|term-offset=0"), HasSubstr("Param difference"));
    EXPECT_THAT(error_of("init-term-id=0|term-id=0|term-offset=33"), HasSubstr("FRAME_ALIGNMENT"));
    EXPECT_THAT(error_of("init-term-id=0|term-id=0|term-offset=-32"), HasSubstr("term-offset=-32"));
    for (const std::string value : {"abc", "64k", "99999999999999999999"}) {
        EXPECT_THAT(error_of("init-term-id=0|term-id=0|term-offset=" + value),
                    HasSubstr("could not parse term-offset=" + value));
    }
    EXPECT_THAT(error_of("init-term-id=2147483648|term-id=0|term-offset=0"), HasSubstr("could not parse init-term-id"));
    for (const std::string incomplete : {"init-term-id=1|term-id=2", "init-term-id=1|term-offset=0",
                                         "term-id=1|term-offset=0", "init-term-id=1", "term-id=1", "term-offset=0"}) {
        EXPECT_THAT(error_of(incomplete), HasSubstr("complete set")) << incomplete;
    }
}

TEST(PublicationParams, StartPositionIsFoundFromAPosition) {
    const StartPosition start = StartPosition::from_position(14'549'056, 777, 65'536);

    EXPECT_EQ(start, (StartPosition{.initial_term_id = 777, .term_id = 999, .term_offset = 64}));
    EXPECT_EQ(start.position(65'536), 14'549'056);
    EXPECT_EQ(StartPosition::from_position(131'072, int32_max, 131'072).term_id, int32_min);
}

// spec: 05-C23
TEST(PublicationParams, TaggedSessionInheritsFromThePublicationItNames) {
    const FindTaggedPublication find = [](const std::int64_t tag) -> std::optional<TaggedPublication> {
        if (tag != 77) {
            return std::nullopt;
        }
        return TaggedPublication{.session_id = SessionId{42}, .mtu_length = 2'048, .term_length = 256 * 1024};
    };

    const PublicationParams inherited = parse("aeron:udp?endpoint=a:1|session-id=tag:77", {}, find).value();
    EXPECT_EQ(inherited.session_id, SessionId{42});
    EXPECT_EQ(inherited.mtu_length, 2'048);
    EXPECT_EQ(inherited.term_length, 256 * 1024);
    EXPECT_EQ(inherited.publication_window_length, 128 * 1024);
    EXPECT_FALSE(inherited.has_mtu_length);
    EXPECT_FALSE(inherited.has_term_length);

    const PublicationParams overridden =
        parse("aeron:udp?endpoint=a:1|session-id=tag:77|mtu=4k|term-length=64k", {}, find).value();
    EXPECT_EQ(overridden.mtu_length, 4'096);
    EXPECT_EQ(overridden.term_length, 65'536);

    EXPECT_THAT(parse("aeron:udp?endpoint=a:1|session-id=tag:99", {}, find).error().message,
                HasSubstr("must reference a network publication"));
    EXPECT_THAT(error_of("session-id=tag:77"), HasSubstr("must reference a network publication"));
    EXPECT_THAT(error_of("session-id=tag:x"), HasSubstr("could not parse session-id=tag:x"));
}

TEST(PublicationParams, UntetheredLingerFollowsTheEffectiveWindowLimitTimeout) {
    EXPECT_EQ(params_of("untethered-window-limit-timeout=7s").untethered_linger_timeout_ns, 7'000'000'000);
    EXPECT_EQ(params_of("untethered-window-limit-timeout=7s|untethered-linger-timeout=0").untethered_linger_timeout_ns,
              7'000'000'000);
    EXPECT_EQ(parse("aeron:ipc?untethered-window-limit-timeout=7s", {.untethered_linger_timeout_ns = 9})
                  .value()
                  .untethered_linger_timeout_ns,
              9);
}

TEST(PublicationParams, OfSeveralMistakesTheFirstInTheOrderOfTheSpecIsReported) {
    EXPECT_THAT(error_of("mtu=33|term-length=5|linger=x|session-id=x"), HasSubstr("session-id"));
    EXPECT_THAT(error_of("mtu=33|term-length=5|linger=x"), HasSubstr("linger"));
    EXPECT_THAT(error_of("mtu=33|max-resend=0|term-length=5"), HasSubstr("term length"));
    EXPECT_THAT(error_of("pub-wnd=1|sparse=x|term-offset=5"), HasSubstr("pub-wnd"));
    EXPECT_THAT(error_of("sparse=x|term-offset=5"), HasSubstr("complete set"));
}

TEST(PublicationParams, PrototypeHasTheSmallestTerm) {
    const PublicationParams params = params_of("response-correlation-id=prototype|term-length=1m");

    EXPECT_TRUE(params.is_prototype());
    EXPECT_EQ(params.as_prototype().term_length, 65'536);
    EXPECT_EQ(params.as_prototype().publication_window_length, 32'768);
    EXPECT_FALSE(params_of("response-correlation-id=5").is_prototype());
}

class JoiningPublications : public testing::Test {
protected:
    std::string refusal(const std::string& parameters, const Media media = Media::udp) const {
        const auto error = check_can_join(params_of(parameters), live_, media);
        if (error) {
            EXPECT_EQ(error->code, ErrorCode::generic_error);
        }
        return error ? error->message : "";
    }

    LivePublication live_{.session_id = SessionId{10},
                          .mtu_length = 1'408,
                          .term_length = 128 * 1024,
                          .start_position = {.initial_term_id = 3, .term_id = 4, .term_offset = 32},
                          .spies_simulate_connection = false};
};

TEST_F(JoiningPublications, CompareWhatTheUriStates) {
    for (const std::string same :
         {"", "session-id=10", "mtu=1408", "term-length=128k", "init-term-id=3|term-id=4|term-offset=32",
          "linger=1s|eos=false|sparse=false|max-resend=3|pub-wnd=4k|fc=max|ttl=3|tags=1,2"}) {
        EXPECT_EQ(refusal(same), "") << same;
    }
    EXPECT_THAT(refusal("session-id=11"), HasSubstr("existing publication has different 'session-id'"));
    EXPECT_THAT(refusal("mtu=2048"), HasSubstr("existing publication has different 'mtu'"));
    EXPECT_THAT(refusal("term-length=64k"), HasSubstr("existing publication has different 'term-length'"));
    EXPECT_THAT(refusal("init-term-id=1|term-id=4|term-offset=32"), HasSubstr("different 'init-term-id'"));
    EXPECT_THAT(refusal("init-term-id=3|term-id=5|term-offset=32"), HasSubstr("different 'term-id'"));
    EXPECT_THAT(refusal("init-term-id=3|term-id=4|term-offset=64"), HasSubstr("different 'term-offset'"));
}

// spec: 05-C20
TEST_F(JoiningPublications, CompareSpiesSimulateConnectionOverUdpEvenIfOnlyTheDefaultDiffers) {
    EXPECT_THAT(refusal("ssc=true"), HasSubstr("existing publication has different spies simulate connection"));
    EXPECT_EQ(refusal("ssc=true", Media::ipc), "");

    live_.spies_simulate_connection = true;

    EXPECT_THAT(refusal(""), HasSubstr("different spies simulate connection"));
    EXPECT_EQ(refusal("", Media::ipc), "");
}

}  // namespace
}  // namespace cpperon::uri
