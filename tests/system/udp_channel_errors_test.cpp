/// What a real driver makes of UDP channels, right and wrong, as the user sees it: the specification's tables, row by
/// row. spec: 05 §11, §18.2 to §18.7
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// One row. `$0`, `$1` ... are ports.
struct Row {
    char operation;       ///< P publication, X exclusive publication, S subscription
    std::string channel;  ///< behind `aeron:udp?`, unless it has a scheme
    /// What comes of it: `OK`; a code and a part of the text; or, in sequences, `new A`: an endpoint and a stream of
    /// its own, from now on called A; `on A`: a stream of its own on A's endpoint; `joins A`: A's stream.
    std::string result;
    std::int32_t stream_id = 1;
};

using Resource = std::variant<Publication, ExclusivePublication, Subscription>;

CounterId endpoint_of(const Resource& resource) {
    return std::visit([](const auto& one) { return one.channel_status_id(); }, resource);
}
RegistrationId stream_of(const Resource& resource) {
    return std::visit(
        [](const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Subscription>) {
                return one.registration_id();
            } else {
                return one.original_registration_id();
            }
        },
        resource);
}

class UdpChannelErrors : public UdpFixture {
protected:
    static DriverContext settings() {
        DriverContext context = quick_driver();
        context.term_length = 131'072;
        return context;
    }
    template <typename Handle>
    static Result<Resource> as_resource(Result<Handle> result) {
        if (!result) {
            return result.error();
        }
        return Resource{*std::move(result)};
    }
    Result<Resource> add(const Row& row) {
        const std::string channel =
            ports.in(row.channel.find(':') < row.channel.find('=') ? row.channel : "aeron:udp?" + row.channel);
        switch (row.operation) {
            case 'P': return as_resource(aeron.async_add_publication(channel, row.stream_id).try_wait());
            case 'X': return as_resource(aeron.async_add_exclusive_publication(channel, row.stream_id).try_wait());
            default: return as_resource(aeron.async_add_subscription(channel, row.stream_id).try_wait());
        }
    }

    static void expect_error(const ErrorInfo& error, const std::string& expected) {
        EXPECT_EQ(std::to_string(static_cast<std::int32_t>(error.code)), expected.substr(0, expected.find(' ')))
            << error.message;
        if (expected.find(' ') != std::string::npos) {
            EXPECT_THAT(error.message, HasSubstr(expected.substr(expected.find(' ') + 1)));
        }
    }
    template <typename Handle>
    static void expect_result(const Result<Handle>& result, const std::string& expected) {
        if (expected == "OK") {
            EXPECT_TRUE(result) << result.error().message;
        } else if (result) {
            ADD_FAILURE() << "accepted";
        } else {
            expect_error(result.error(), expected);
        }
    }

    /// Each row by itself: what was added is closed again before the next one.
    void expect_rows(const std::vector<Row>& rows) {
        for (const Row& row : rows) {
            SCOPED_TRACE(row.operation + (" " + row.channel));
            expect_result(add(row), row.result);
            wait_until([&] { return host.stream_counter_count() == 0; }, "nothing to be left of it");
        }
    }
    /// The rows one after the other, all resources being kept.
    void expect_sequence(const std::vector<Row>& rows) {
        std::map<std::string, Resource> named;
        std::vector<Resource> all;
        for (const Row& row : rows) {
            SCOPED_TRACE(row.operation + (" " + row.channel));
            const Result<Resource> result = add(row);
            const std::string kind = row.result.substr(0, row.result.find(' '));
            const std::string name = row.result.substr(row.result.find(' ') + 1);
            if (!result || (kind != "new" && kind != "on" && kind != "joins")) {
                expect_result(result, row.result);
                continue;
            }
            const auto is_on_endpoint_of = [&](const Resource& other) {
                return endpoint_of(other) == endpoint_of(*result);
            };
            const auto is_stream_of = [&](const Resource& other) { return stream_of(other) == stream_of(*result); };
            if (kind == "new") {
                EXPECT_TRUE(std::none_of(all.begin(), all.end(), is_on_endpoint_of));
                named.emplace(name, *result);
            } else {
                EXPECT_TRUE(is_on_endpoint_of(named.at(name)));
                EXPECT_EQ(is_stream_of(named.at(name)), kind == "joins");
            }
            EXPECT_TRUE(kind == "joins" || std::none_of(all.begin(), all.end(), is_stream_of));
            all.push_back(*result);
        }
    }

    Host& host = add_host(settings());
    Aeron& aeron = host.aeron;
};

// spec: 05-C8, 05-C10, 05-C11, 05-C18, 05-C34, 05-C35
TEST_F(UdpChannelErrors, Addresses) {
    expect_rows({
        {'P', "endpoint=localhost", "11 port invalid"},
        {'P', "endpoint=localhost:", "11 port invalid"},
        {'P', "endpoint=localhost:abc", "11 port invalid"},
        {'P', "endpoint=localhost:65536", "11 port out of range"},
        {'P', "endpoint=localhost:12345678", "11 port"},
        {'P', "endpoint=localhost:-1", "11 port out of range"},
        {'P', "endpoint=localhost:0x9c4b", "OK"},
        {'P', "endpoint=localhost:0", "11 has port=0 for publication"},
        {'P', "endpoint=[::1]:$0", "OK"},
        {'P', "endpoint=[::1]", "11 port invalid"},
        {'P', "endpoint=[::1%lo]:$0", "OK"},
        {'P', "endpoint=no.such.host.invalid:$0", "9 Unable to resolve host="},
        {'P', "control=no.such.host.invalid:$0|endpoint=localhost:$0", "9 control"},
        {'P', "endpoint=:$0", "9 Unable to resolve host="},
        {'P', "endpoint=256.1.1.1:$0", "9 Unable to resolve host="},
        {'P', "endpoint=224.10.9.8:$0", "11 Multicast data address must be odd"},
        {'P', "endpoint=224.10.9.9:$0|interface=localhost", "OK"},
        {'P', "endpoint=224.10.9.9:$0|interface=10.255.255.0/24", "11 could not find matching interface="},
        {'P', "endpoint=224.10.9.9:$0|interface={lo}", "OK"},
        {'P', "endpoint=224.10.9.9:$0|interface={nosuch}", "11 unknown interface"},
        {'P', "endpoint=localhost:$0|interface=bad.host.invalid", "9 could not parse interface="},
        {'P', "endpoint=localhost:$0|interface={lo}:x", "11 port invalid"},
        {'P', "endpoint=localhost:$0|interface=127.0.0.1/33", "11 could not parse interface="},
        {'P', "endpoint=localhost:$0|interface=127.0.0.1/", "OK"},
        {'P', "endpoint=[::1]:$0|interface=127.0.0.1", "11 failed to connect to address"},
        {'S', "endpoint=localhost:0", "OK"},
        {'S', "control=localhost:0", "11 has port=0 for subscription"},
        {'S', "control=localhost:$0", "OK"},
        {'P', "control=localhost:$0", "11 'control' parameter requires"},
        {'P', "control=localhost:$0|endpoint=localhost:$1", "OK"},
        {'P', "control=localhost:0|control-mode=dynamic", "OK"},
        {'P', "control-mode=dynamic|endpoint=localhost:$0", "1 explicit control expected with dynamic control mode"},
        {'P', "control-mode=foo", "1 URIs for UDP must specify"},
        {'P', "control-mode=foo|endpoint=localhost:$0", "OK"},
        {'P', "endpoint=localhost:0|control-mode=manual", "OK"},
        {'P', "", "1 URIs for UDP must specify"},
        {'P', "aeron:tcp?endpoint=localhost:$0", "1"},
        {'S', "aeron-spy:aeron:ipc", "1 UDP channels must use UDP URIs"},
        {'S', "endpoint=192.0.2.77:$0", "11 failed to bind"},
        {'S', "endpoint=[2001:db8::77]:$0", "11 failed to bind"},
        {'P', "control=192.0.2.77:$0|control-mode=dynamic", "11 failed to bind"},
    });
}

// spec: 05-C25, 05-C26, 05-C27, 05-C32, 05-C43, 05-C44
TEST_F(UdpChannelErrors, ValuesOfPublications) {
    const std::string fits_not = "11 MTU greater than SO_SNDBUF";
    std::vector<Row> rows;
    const std::vector<std::pair<std::string, std::string>> values{
        {"mtu=32", "11 mtu"},
        {"mtu=64", "OK"},
        {"mtu=1400", "11 mtu"},
        {"mtu=65504", "OK"},
        {"mtu=65536", "11 mtu"},
        {"mtu=8k", "OK"},
        {"mtu=8K", "OK"},
        {"mtu=0x580", "11 could not parse"},
        {"mtu=-1408", "11 could not parse"},
        {"mtu=1.5k", "11 could not parse"},
        {"term-length=64k", "OK"},
        {"term-length=32k", "11 term-length"},
        {"term-length=100000", "11 term-length"},
        {"term-length=2g", "11 term-length"},
        {"linger=10x", "11 could not parse"},
        {"linger=-1", "11 could not parse"},
        {"linger=5sec", "11 could not parse"},
        {"linger=0", "OK"},
        {"linger=5ms", "OK"},
        {"init-term-id=1|term-id=2", "11 complete set"},
        {"init-term-id=5|term-id=4|term-offset=0", "11 Param difference greater than 2^31 - 1"},
        {"init-term-id=5|term-id=7|term-offset=64", "OK"},
        {"init-term-id=0|term-id=0|term-offset=abc", "11 term-offset"},
        {"init-term-id=2147483648|term-id=0|term-offset=0", "11 init-term-id"},
        {"term-offset=0", "11 complete set"},
        {"session-id=7", "OK"},
        {"session-id=-2147483648", "OK"},
        {"session-id=0x7fffffff", "OK"},
        {"session-id=foo", "11 could not parse session-id="},
        {"session-id=2147483648", "11 could not parse session-id="},
        {"session-id=tag:99", "11 must reference a network publication"},
        {"session-id=tag:x", "11 session-id"},
        {"tags=x", "1 could not parse channel tag string"},
        {"tags=-1", "1 could not parse channel tag string"},
        {"tags=13,abc", "11 Entity tag invalid"},
        {"tags=16,17,18", "11 Entity tag invalid"},
        {"tags=,14", "OK"},
        {"tags=15,", "OK"},
        {"sparse=TRUE", "11 as bool from URI"},
        {"eos=no", "11 as bool from URI"},
        {"ssc=1", "11 as bool from URI"},
        {"reliable=foo", "OK"},
        {"max-resend=0", "11 max-resend"},
        {"max-resend=257", "11 max-resend"},
        {"max-resend=1k", "11 max-resend"},
        {"max-resend=256", "OK"},
        {"pub-wnd=1024", "11 pub-wnd="},
        {"pub-wnd=128k", "11 pub-wnd="},
        {"pub-wnd=64k", "OK"},
        {"pub-wnd=1408", "OK"},
        {"pub-wnd=262144|term-length=65536", "11 pub-wnd="},
        {"response-correlation-id=-2", "11 invalid response-correlation-id"},
        {"response-correlation-id=xyz", "11 invalid response-correlation-id"},
        {"response-correlation-id=-1", "OK"},
        {"response-correlation-id=12345", "11 unable to find response subscription"},
        {"response-correlation-id=prototype", "11 unable to find response subscription"},
        {"ats=true", "11"},
        {"ats=false", "OK"},
        {"ats=x", "11"},
        {"so-sndbuf=1024", fits_not},
        {"so-sndbuf=1k|mtu=1k", "OK"},
        {"so-rcvbuf=1024", "OK"},
        {"rcv-wnd=zz", "11 could not parse"},
        {"so-sndbuf=x", "11 could not parse"},
        {"ttl=abc", "OK"},
        {"channel-snd-ts-offset=reserved", "OK"},
        {"channel-snd-ts-offset=-5", "OK"},
        {"channel-snd-ts-offset=foo", "11 Invalid channel-snd-ts-offset"},
        {"media-rcv-ts-offset=2|channel-rcv-ts-offset=9", "11 overlap"},
        {"media-rcv-ts-offset=2|channel-rcv-ts-offset=10", "OK"},
        {"untethered-window-limit-timeout=x", "11 could not parse"},
        {"untethered-linger-timeout=0", "OK"},
        {"stream-id=99", "OK"},
        {"stream-id=junk", "OK"},
        {"fc=junk", "OK"},
        {"cc=junk|nak-delay=junk|gtag=junk", "OK"},
    };
    for (const auto& [value, result] : values) {
        rows.push_back({'P', "endpoint=localhost:$0|" + value, result});
    }
    const std::vector<std::pair<std::string, std::string>> of_groups{
        {"fc=junk", "11 flow control strategy name"},
        {"fc=maximum", "11 flow control strategy name"},
        {"fc=,min", "11 flow control strategy name"},
        {"fc=tagged,g:123/2,t:5s,rrwm:4", "OK"},
        {"fc=min,g:/2,t:5s", "OK"},
        {"fc=min,", "OK"},
        {"fc=min,x:1", "11 Flow control options"},
        {"fc=max,g:1", "11 Flow control options"},
        {"fc=max,rrwm:0", "11 Flow control options"},
        {"fc=min,t:5q", "11 Flow control options"},
        {"fc=min,g:/-1", "11 Flow control options"},
        {"fc=tagged,g:", "11 Flow control options"},
        {"fc=min,g:5x", "11 Flow control options"},
        {"fc=", "OK"},
        {"ttl=300", "OK"},
    };
    for (const auto& [value, result] : of_groups) {
        rows.push_back({'P', "endpoint=224.20.30.49:$0|interface=localhost|" + value, result});
        if (value.starts_with("fc")) {
            rows.push_back({'P', "control=localhost:$0|control-mode=dynamic|" + value, result});
            rows.push_back({'P', "control-mode=manual|" + value, result});
        }
    }

    expect_rows(rows);
}

// spec: 04-C49, 05-C33
TEST_F(UdpChannelErrors, PublicationRefusedForItsFlowControlLeavesNoEndpoint) {
    expect_sequence({
        {'P', "endpoint=224.20.30.49:$0|interface=localhost|fc=junk", "11 flow control strategy name"},
        {'P', "endpoint=224.20.30.49:$0|interface=localhost|fc=min,g:1x", "11 Flow control options"},
        {'P', "endpoint=224.20.30.49:$0|interface=localhost|fc=min", "new A"},
        {'P', "endpoint=224.20.30.49:$0|interface=localhost", "joins A"},
    });
}

// spec: 05-C16, 05-C19, 05-C20, 05-C21
TEST_F(UdpChannelErrors, SharingOfPublications) {
    expect_sequence({
        {'P', "endpoint=localhost:$0|session-id=10|mtu=1408", "new A"},
        {'P', "endpoint=localhost:$0", "joins A"},
        {'P', "endpoint=localhost:$0|session-id=11", "11 existing publication has different 'session-id'"},
        {'P', "endpoint=localhost:$0|mtu=2048", "11 existing publication has different 'mtu'"},
        {'P', "endpoint=localhost:$0|term-length=64k", "11 existing publication has different 'term-length'"},
        {'P', "endpoint=localhost:$0|term-length=128k", "joins A"},
        {'P', "endpoint=localhost:$0|init-term-id=1|term-id=1|term-offset=0", "11 init-term-id"},
        {'P', "endpoint=localhost:$0|ssc=true", "11 existing publication has different spies simulate connection"},
        {'P', "endpoint=localhost:$0|linger=1s|eos=false|sparse=false|max-resend=3|pub-wnd=4k|fc=max|ttl=3", "joins A"},
        {'P', "endpoint=localhost:$0|so-sndbuf=64k", "11 so-sndbuf"},
        {'P', "endpoint=localhost:$0|so-rcvbuf=64k", "11 so-rcvbuf=65536 does not match existing value of"},
        {'P', "endpoint=localhost:$0|so-rcvbuf=128k", "joins A"},
        {'P', "endpoint=localhost:$0|channel-snd-ts-offset=0", "11 option conflicts with existing subscription"},
        {'X', "endpoint=localhost:$0|session-id=10", "1 clashing sessionId"},
        {'X', "endpoint=localhost:$0|session-id=12", "on A"},
        {'X', "endpoint=localhost:$0", "on A"},
        {'X', "endpoint=localhost:$0|session-id=10", "on A", 2},
        {'P', "endpoint=127.0.0.1:$0", "new D"},
        {'P', "endpoint=localhost:$0|interface=localhost", "new B"},
        {'P', "endpoint=localhost:$0|interface=127.0.0.0/8", "joins B"},
        {'P', "endpoint=localhost:$0|interface=0.0.0.0", "joins A"},
        {'P', "endpoint=localhost:$1|tags=7", "new C"},
        {'P', "tags=7", "joins C"},
        {'P', "tags=8", "11 when original"},
        {'P', "tags=7|endpoint=localhost:$2", "11 mismatched endpoint"},
        {'P', "tags=7|control-mode=manual", "11 mismatched control-mode"},
        {'P', "tags=9|endpoint=localhost:$1", "new E"},
        {'P', "control-mode=manual", "new F"},
        {'P', "control-mode=manual", "new G"},
        {'P', "control-mode=manual|tags=20", "new H"},
        {'P', "control-mode=manual|tags=20", "joins H"},
        {'P', "tags=20", "joins H"},
        {'P', "control=localhost:$3|control-mode=dynamic", "new I"},
        {'P', "control=localhost:$3|control-mode=manual", "joins I"},
        {'P', "control-mode=response|control=localhost:$4", "11"},
        {'P', "control-mode=response|control=localhost:$4|response-correlation-id=55", "11"},
        {'P', "control-mode=response|control=localhost:$4|response-correlation-id=prototype", "new K"},
    });
}

// spec: 05-C28, 05-C31
TEST_F(UdpChannelErrors, SharingOfSubscriptions) {
    const std::string conflict = "11 option conflicts with existing subscription: ";
    expect_sequence({
        {'S', "endpoint=localhost:$0", "new A"},
        {'S', "endpoint=localhost:$0|reliable=false", conflict + "reliable="},
        {'S', "endpoint=localhost:$0|reliable=false", "on A", 2},
        {'S', "endpoint=localhost:$0|rejoin=false", conflict + "rejoin="},
        {'S', "endpoint=localhost:$0|tether=false", "on A"},
        {'S', "endpoint=localhost:$0|group=true", "on A"},
        {'S', "endpoint=localhost:$0|group=xyz", "on A"},
        {'S', "endpoint=localhost:$0|sparse=false", "on A"},
        {'S', "endpoint=localhost:$0|session-id=5|reliable=false", "on A"},
        {'S', "endpoint=localhost:$0|session-id=5", conflict + "reliable="},
        {'S', "endpoint=localhost:$0|session-id=tag:5", "11 could not parse session-id="},
        {'S', "endpoint=localhost:$0|so-rcvbuf=64k", "11 Initial window greater than SO_RCVBUF"},
        {'S', "endpoint=localhost:$0|so-rcvbuf=128k", "on A"},
        {'S', "endpoint=localhost:$0|rcv-wnd=64k", "on A"},
        {'S', "endpoint=localhost:$0|so-sndbuf=128k", "11 so-sndbuf=131072 does not match existing value"},
        {'S', "endpoint=localhost:$0|rcv-wnd=256k", "11 Initial window greater than SO_RCVBUF"},
        {'S', "endpoint=localhost:$0|media-rcv-ts-offset=reserved", conflict + "media-rcv-ts-offset="},
        {'S', "endpoint=localhost:$0|channel-rcv-ts-offset=8", conflict + "channel-rcv-ts-offset="},
        {'S', "endpoint=localhost:$0|channel-snd-ts-offset=8", "on A"},
        {'S', "endpoint=localhost:$0|gtag=5", "on A"},
        {'S', "endpoint=localhost:$0|gtag=x", "on A"},
        {'S', "endpoint=localhost:$0|cc=cubic|nak-delay=5ms", "on A"},
        {'S', "endpoint=localhost:$0|nak-delay=junk", "on A"},
        {'S', "endpoint=localhost:$0|init-term-id=5", "on A"},
        {'S', "endpoint=localhost:$0|mtu=33|term-length=5|linger=x", "on A"},
        {'S', "endpoint=localhost:$0|control-mode=response", conflict + "isResponse="},
        {'S', "endpoint=localhost:$0|untethered-resting-timeout=x", "11 could not parse"},
        {'S', "endpoint=localhost:$1|so-rcvbuf=192k", "new B"},
        {'S', "endpoint=localhost:$1", "11 does not match existing value"},
        {'S', "endpoint=localhost:$2|gtag=x", "11"},
        {'S', "endpoint=localhost:$2|so-rcvbuf=64k", "11 Initial window greater than SO_RCVBUF"},
        {'S', "endpoint=localhost:$2|so-rcvbuf=64k|rcv-wnd=64k", "new C"},
        {'S', "endpoint=127.0.0.1:0|tags=500", "new D"},
        {'S', "tags=500", "on D"},
        {'S', "endpoint=127.0.0.1:0|tags=500", "on D"},
        {'S', "endpoint=127.0.0.1:$3|tags=500", "11 mismatched endpoint"},
        {'S', "tags=501", "new E"},
        {'S', "tags=501", "on E"},
        {'S', "endpoint=127.0.0.1:$0", "11 failed to bind"},
        {'S', "control-mode=dynamic", "1 explicit control expected with dynamic control mode"},
        {'S', "control-mode=manual", "new F"},
        {'S', "control-mode=response", "new G"},
        {'S', "endpoint=localhost:$4|media-rcv-ts-offset=reserved|channel-rcv-ts-offset=reserved", "11 overlap"},
    });
}

// spec: 05-C36
TEST_F(UdpChannelErrors, SpiesSeeThePublicationsTheyName) {
    std::vector<Publication> publications;
    for (const std::string channel : {"endpoint=localhost:$0|session-id=10|tags=5", "control-mode=manual|tags=50",
                                      "control=localhost:$1|control-mode=dynamic"}) {
        publications.push_back(aeron.add_publication(ports.in("aeron:udp?" + channel), 1));
    }
    struct Spy {
        std::string channel;
        std::size_t images = 0;
        std::int32_t stream_id = 1;
    };

    for (const Spy& row : std::vector<Spy>{
             {"endpoint=localhost:$0", 1},
             {"endpoint=127.0.0.1:$0", 0},
             {"tags=5", 1},
             {"tags=5|session-id=99", 1},
             {"endpoint=localhost:$0|session-id=99", 0},
             {"endpoint=localhost:$0|interface=localhost", 0},
             {"endpoint=localhost:$0|interface=0.0.0.0", 1},
             {"tags=6|endpoint=localhost:$0", 1},
             {"tags=6|endpoint=localhost:$0", 0, 2},
             {"control-mode=manual", 0},
             {"tags=50", 1},
             {"control=localhost:$1", 1},
         }) {
        SCOPED_TRACE(row.channel);
        const Subscription spy = aeron.add_subscription(ports.in("aeron-spy:aeron:udp?" + row.channel), row.stream_id);
        // A counter of this client is announced after the images, if there are any.
        const Counter behind = aeron.add_counter(1'000, "behind the images");
        EXPECT_EQ(spy.image_count(), row.images);
    }
}

// spec: 02-C23, 05-C40
TEST_F(UdpChannelErrors, DestinationsOfPublications) {
    const Publication manual = aeron.add_publication("aeron:udp?control-mode=manual", 1);
    const auto add = [&](const auto& publication, const std::string& destination) {
        return publication.async_add_destination(ports.in(destination)).try_wait();
    };
    for (const auto& [destination, result] : std::vector<std::pair<std::string, std::string>>{
             {"aeron:udp?endpoint=localhost:$0", "OK"},
             {"aeron:udp?endpoint=localhost:$0", "OK"},
             {"aeron:udp?endpoint=localhost:0", "11 has port=0 for send destination"},
             {"aeron:udp?endpoint=localhost", "OK"},
             {"aeron:udp?endpoint=nohost.invalid:$0", "OK"},
             {"aeron:udp?", "11 incorrect URI format for destination"},
             {"aeron:udp?control=localhost:1", "11 incorrect URI format for destination"},
             {"aeron:ipc", "11 incorrect URI format for destination"},
             {"aeron-spy:aeron:udp?endpoint=localhost:$0", "1 Aeron spies are invalid as send destinations"},
             {"aeron:udp?endpoint=localhost:$0|mtu=1408", "1 destinations must not contain the key: mtu"},
             {"aeron:udp?endpoint=localhost:$0|so-sndbuf=1k", "1 destinations must not contain the key: so-sndbuf"},
             {"aeron:udp?endpoint=localhost:$0|so-rcvbuf=1k", "1 destinations must not contain the key: so-rcvbuf"},
             {"aeron:udp?endpoint=localhost:$0|rcv-wnd=1k", "1 destinations must not contain the key: rcv-wnd"},
             {"aeron:udp?endpoint=localhost:$0|response-correlation-id=1",
              "1 destinations must not contain the key: response-correlation-id"},
             {"aeron:udp?endpoint=localhost:$0|control-mode=response",
              "1 destinations may not specify control-mode=response"},
             {"aeron:udp?endpoint=localhost:$0|control-mode=manual", "OK"},
             {"aeron:udp?endpoint=localhost:$0|interface=localhost|ttl=3|term-length=7", "OK"},
             {"aeron:udp?endpoint=224.20.30.40:$0", "OK"},
         }) {
        SCOPED_TRACE(destination);
        expect_result(add(manual, destination), result);
    }
    manual.remove_destination(ports.in("aeron:udp?endpoint=localhost:$9"));

    const std::string destination = "aeron:udp?endpoint=localhost:$0";
    const Publication dynamic =
        aeron.add_publication(ports.in("aeron:udp?control=localhost:$1|control-mode=dynamic"), 1);
    const Publication unicast = aeron.add_publication(ports.in("aeron:udp?endpoint=localhost:$2"), 1);
    const Publication ipc = aeron.add_publication("aeron:ipc", 1);
    expect_result(add(dynamic, destination), "11 channel does not allow manual control of destinations");
    expect_result(add(unicast, destination), "11 channel does not allow manual control of destinations");
    expect_result(add(ipc, destination), "3 unknown publication");
}

// spec: 05-C30, 05-C31
TEST_F(UdpChannelErrors, SubscriptionThatCannotMakeImagesSaysSoInTheErrorLogOnly) {
    for (const std::string_view value : {"cc=junk", "nak-delay=junk", "rcv-wnd=1024"}) {
        SCOPED_TRACE(value);
        const std::string endpoint = ports.in("aeron:udp?endpoint=localhost:$0");
        const std::size_t errors = host.errors().size();
        const Subscription subscription = aeron.add_subscription(endpoint + "|" + std::string{value}, 1);
        const Publication publication = aeron.add_publication(endpoint, 1);

        wait_until([&] { return host.errors().size() > errors; }, "an entry in the error log");

        EXPECT_EQ(subscription.image_count(), 0U);
        EXPECT_FALSE(publication.is_connected());
        subscription.close();
        publication.close();
        expect_nothing_left(host);
    }
    const std::string endpoint = ports.in("aeron:udp?endpoint=localhost:$0");
    const Subscription subscription = aeron.add_subscription(endpoint + "|rcv-wnd=0", 1);
    wait_for_connection(aeron.add_publication(endpoint, 1), {subscription});
}

// spec: 05-C46
TEST_F(UdpChannelErrors, RefusalIsThrownWithCodeAndTextAndCountedAndLogged) {
    const std::int64_t errors = host.value(SystemCounter::errors);
    const Subscription taken = aeron.add_subscription(ports.in("aeron:udp?endpoint=127.0.0.1:$0"), 1);
    EXPECT_THAT(host.errors(), IsEmpty());

    try {
        static_cast<void>(aeron.add_subscription(ports.in("aeron:udp?endpoint=localhost:$0"), 1));
        FAIL() << "one port was bound twice";
    } catch (const RegistrationError& error) {
        EXPECT_EQ(error.code(), ErrorCode::generic_error);
        EXPECT_THAT(error.what(), HasSubstr("failed to bind"));
        EXPECT_THAT(error.what(), HasSubstr(ports.in("127.0.0.1:$0")));
        EXPECT_THAT(error.what(), HasSubstr("Address already in use"));
    }

    EXPECT_EQ(host.value(SystemCounter::errors), errors + 1);
    EXPECT_THAT(host.errors(), testing::ElementsAre(HasSubstr("failed to bind")));
}

}  // namespace
}  // namespace cpperon::system_test
