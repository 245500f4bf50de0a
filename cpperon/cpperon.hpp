/// All of cpperon: the client, and the media driver inside a process. What a program includes first.
#pragma once

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/properties.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/client/driver_activity.hpp"
#include "cpperon/client/status.hpp"
#include "cpperon/client/waiting.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/channel_uri_builder.hpp"
