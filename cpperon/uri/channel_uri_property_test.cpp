// What holds for every URI: it reads back as it was printed, and no text whatever does more than fail with an error.
// RapidCheck prints the seed of a failure; RC_PARAMS="seed=..." replays it.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/channel_uri_builder.hpp"
#include "cpperon/uri/destination_params.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/publication_params.hpp"
#include "cpperon/uri/subscription_params.hpp"
#include "cpperon/uri/udp_channel_params.hpp"

namespace cpperon {
namespace {

namespace key = uri::key;

rc::Gen<std::string> text_without(const std::string& forbidden) {
    return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::suchThat(
        rc::gen::arbitrary<char>(), [forbidden](const char c) { return forbidden.find(c) == std::string::npos; })));
}

rc::Gen<std::string> any_key() {
    return rc::gen::oneOf(
        text_without(std::string("=|\0", 3)),
        rc::gen::map(rc::gen::elementOf(std::vector<std::string_view>{
                         key::endpoint, key::control, key::control_mode, key::tags, key::ttl, key::interface, key::mtu,
                         key::term_length, key::initial_term_id, key::term_id, key::term_offset, key::session_id,
                         key::publication_window, key::flow_control, key::linger, key::reliable}),
                     [](const std::string_view each) { return std::string(each); }));
}

rc::Gen<ChannelUri> any_uri() {
    return rc::gen::map(rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(),
                                       rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
                                           rc::gen::pair(any_key(), text_without(std::string("|\0", 2))))),
                        [](const auto& parts) {
                            ChannelUri uri{std::get<0>(parts) ? Media::udp : Media::ipc};
                            uri.set_spy(std::get<1>(parts));
                            for (const auto& [key, value] : std::get<2>(parts)) {
                                uri.put(key, value);
                            }
                            return uri;
                        });
}

// Bytes that often get past the first checks: pieces of the grammar, keys, values and junk in any order.
rc::Gen<std::string> any_channel_text() {
    static const std::vector<std::string> pieces{"aeron:udp?",
                                                 "aeron:ipc?",
                                                 "aeron-spy:",
                                                 "|",
                                                 "=",
                                                 "|",
                                                 "=",
                                                 "endpoint=",
                                                 "control=",
                                                 "interface=",
                                                 "tags=",
                                                 "fc=",
                                                 "mtu=",
                                                 "term-offset=",
                                                 "init-term-id=",
                                                 "term-id=",
                                                 "session-id=",
                                                 "tag:",
                                                 "[",
                                                 "]",
                                                 "{",
                                                 "}",
                                                 "%",
                                                 "/",
                                                 ":",
                                                 ":",
                                                 ",",
                                                 "0",
                                                 "1",
                                                 "64k",
                                                 "-1",
                                                 "0x",
                                                 "9223372036854775808",
                                                 "tagged",
                                                 "g:",
                                                 "t:",
                                                 "reserved",
                                                 "true",
                                                 "localhost"};
    const auto piece =
        rc::gen::weightedOneOf<std::string>({{6, rc::gen::elementOf(pieces)}, {1, rc::gen::arbitrary<std::string>()}});
    const auto head = rc::gen::element<std::string>("aeron:udp?", "aeron:ipc?", "aeron-spy:aeron:udp?", "");
    return rc::gen::map(rc::gen::pair(head, rc::gen::container<std::vector<std::string>>(piece)),
                        [](const auto& parts) {
                            std::string text = parts.first;
                            for (const std::string& each : parts.second) {
                                text += each;
                            }
                            return text;
                        });
}

// Everything that reads a URI, on one text.
void read_in_every_way(const std::string_view text) {
    const uri::ChannelDefaults defaults;
    const Result<ChannelUri> parsed = ChannelUri::try_parse(text);
    (void)channel_kind(text);
    (void)uri::try_parse_send_destination(text);
    (void)uri::try_parse_host_port(key::endpoint, text);
    (void)uri::try_parse_interface(text);
    (void)uri::try_parse_flow_control(text);
    (void)uri::parse_ttl(text);
    if (!parsed) {
        RC_ASSERT(parsed.error().code == ErrorCode::invalid_channel);
        RC_ASSERT(!parsed.error().message.empty());
        return;
    }
    (void)uri::try_parse_udp_channel_params(parsed.value());
    (void)uri::try_parse_subscription_params(parsed.value(), defaults);
    (void)uri::try_parse_image_params(parsed.value(), defaults);
    (void)ChannelUriBuilder(parsed.value()).validate();
    const auto publication = uri::try_parse_publication_params(parsed.value(), defaults, {});
    if (publication) {
        RC_ASSERT(!uri::check_mtu_length(publication.value().mtu_length));
        RC_ASSERT(!uri::check_term_length(publication.value().term_length));
        RC_ASSERT(publication.value().publication_window_length <= publication.value().term_length / 2);
    }
}

TEST(ChannelUriProperty, ReadsBackWhatItPrinted) {
    EXPECT_TRUE(rc::check("parse(print(uri)) == uri", [] {
        const ChannelUri uri = *any_uri();
        const std::string text = uri.to_string();
        RC_PRE(text.size() <= ChannelUri::max_length);

        const Result<ChannelUri> again = ChannelUri::try_parse(text);

        RC_ASSERT(again.has_value());
        RC_ASSERT(again.value() == uri);
        RC_ASSERT(again.value().to_string() == text);
    }));
}

TEST(ChannelUriProperty, ReadingIsStableForWhateverCanBeRead) {
    EXPECT_TRUE(rc::check("print(parse(text)) reads as parse(text)", [] {
        const Result<ChannelUri> uri = ChannelUri::try_parse(*any_channel_text());
        RC_PRE(uri.has_value());

        RC_ASSERT(ChannelUri::try_parse(uri.value().to_string()).value() == uri.value());
    }));
}

TEST(ChannelUriProperty, AnyTextIsReadOrRefused) {
    EXPECT_TRUE(rc::check("random bytes", [] { read_in_every_way(*rc::gen::arbitrary<std::string>()); }));
    EXPECT_TRUE(rc::check("random pieces of the grammar", [] { read_in_every_way(*any_channel_text()); }));
}

TEST(ChannelUriProperty, WhatABuilderPrintsItReadsBack) {
    EXPECT_TRUE(rc::check("from(build(values)) builds the same", [] {
        ChannelUriBuilder builder{Media::udp};
        builder.linger(std::chrono::nanoseconds(*rc::gen::nonNegative<std::int64_t>()))
            .receiver_window_length(*rc::gen::nonNegative<std::int64_t>())
            .mtu(*rc::gen::inRange(2, 2'048) * 32)
            .term_length(std::int64_t{65'536} << *rc::gen::inRange(0, 15))
            .session_id(SessionId{*rc::gen::arbitrary<std::int32_t>()})
            .group_tag(*rc::gen::arbitrary<std::int64_t>());
        RC_PRE(builder.try_build().has_value());
        const std::string text = builder.build();

        RC_ASSERT(ChannelUriBuilder::from(text).build() == text);
    }));
}

TEST(ChannelUriProperty, AStartPositionGivesThePositionItWasMadeOf) {
    EXPECT_TRUE(rc::check("position(from_position(p)) == p", [] {
        const std::int32_t term_length = 65'536 << *rc::gen::inRange(0, 15);
        const std::int64_t limit = std::int64_t{term_length} * 2'147'483'647;
        const std::int64_t position = *rc::gen::inRange<std::int64_t>(0, limit / 32) * 32;
        const auto initial_term_id = *rc::gen::arbitrary<std::int32_t>();

        const auto start = uri::StartPosition::from_position(position, initial_term_id, term_length);

        RC_ASSERT(start.position(term_length) == position);
        RC_ASSERT(start.term_offset >= 0 && start.term_offset < term_length);
    }));
}

}  // namespace
}  // namespace cpperon
