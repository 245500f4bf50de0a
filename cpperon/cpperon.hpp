/// All of cpperon: the client, and the media driver inside a process. What a program includes first.
#pragma once

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/udp_port.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/logbuffer/raw_log.hpp"
#include "cpperon/shm/cnc_reader.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counters_reader.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/channel_uri_builder.hpp"
#include "cpperon/uri/endpoint.hpp"
#include "cpperon/wire/headers.hpp"
