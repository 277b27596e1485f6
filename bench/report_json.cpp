#include "bench/report_json.hpp"

#include "agent/file.hpp"
#include "agent/text.hpp"
#include "bench/bootstrap.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <charconv>

namespace sealring::bench {
namespace {

namespace json = boost::json;

json::object object_of(const fact_list& facts) {
  json::object out;
  for (const auto& [name, value] : facts) out[name] = value;
  return out;
}

json::object object_of(const histogram& h) {
  json::object percentiles;
  for (const double p : shown_percentiles) {
    std::string name = std::to_string(p);
    name.erase(name.find_last_not_of('0') + 1);
    if (name.ends_with('.')) name.pop_back();
    percentiles[name] = h.percentile(p);
  }
  json::array buckets;
  for (std::size_t i = 0; i != histogram::buckets; ++i)
    if (h.in_bucket(i) != 0) buckets.push_back(json::array{i, h.in_bucket(i)});
  return {{"unit", "ns"},
          {"count", h.count()},
          {"sum", h.sum()},
          {"min", h.min()},
          {"max", h.max()},
          {"percentiles", std::move(percentiles)},
          {"buckets", std::move(buckets)}};
}

json::object object_of(const std::map<std::string, std::uint64_t>& errors) {
  json::object out;
  for (const auto& [name, count] : errors) out[name] = count;
  return out;
}

void put(json::object& out, const combination& c) {
  out["key_type"] = c.kind;
  out["mechanism"] = c.shape.combined ? "combined" : "raw";
  out["threads"] = c.shape.threads;
  out["sessions"] = c.shape.sessions;
  out["in_flight"] = c.shape.in_flight;
  out["rate"] = c.rate;
  if (!c.fault.empty()) out["fault"] = c.fault;
}

json::object object_of(const course& c) {
  json::array moments;
  for (const auto& m : c.moments) moments.push_back(json::array{m.made, m.failed, m.worst});
  json::object out{{"step_seconds", std::chrono::duration<double>(course::step).count()},
                   {"struck_seconds", nullptr},
                   {"recovered_seconds", nullptr},
                   {"moments", std::move(moments)}};
  if (c.struck >= 0) out["struck_seconds"] = c.struck;
  if (c.recovered >= 0) out["recovered_seconds"] = c.recovered;
  return out;
}

json::object object_of(const series& s) {
  json::object out{{"layer", s.layer}};
  put(out, s.of);
  out["ramp"] = s.ramp;
  double client = 0, server = 0, switches = 0;
  json::array slices;
  for (const turn& t : s.turns) {
    slices.push_back(json::object{{"seconds", t.seconds},
                                  {"made", t.made},
                                  {"client_cpu_seconds", t.client_cpu},
                                  {"server_cpu_seconds", t.server_cpu},
                                  {"switches", t.switches},
                                  {"p50_ns", t.p50},
                                  {"p99_ns", t.p99}});
    client += t.client_cpu;
    server += t.server_cpu;
    switches += static_cast<double>(t.switches);
  }
  const auto made = static_cast<double>(std::max<std::uint64_t>(s.made(), 1));
  out["per_second"] = rate_of(s.turns);
  out["client_cpu_us"] = client / made * 1e6;
  out["server_cpu_us"] = server / made * 1e6;
  out["switches"] = switches / made;
  out["errors"] = object_of(s.errors);
  out["verified"] = s.verified;
  out["unsent"] = s.unsent;
  out["slices"] = std::move(slices);
  out["latency"] = object_of(s.latency);
  json::array courses;
  for (const course& c : s.courses) courses.push_back(object_of(c));
  if (!courses.empty()) out["courses"] = std::move(courses);
  if (s.service.count() != 0) out["service"] = object_of(s.service);
  return out;
}

// --- reading ----------------------------------------------------------------------------------------------------------------
// at() throws for what is not there, and value_to() for what is of another kind: read_report() says so of the file.

fact_list facts_in(const json::value& v) {
  fact_list out;
  for (const auto& [name, value] : v.as_object()) out.emplace_back(name, json::value_to<std::string>(value));
  return out;
}

histogram histogram_in(const json::value& v) {
  std::vector<std::pair<std::size_t, std::uint64_t>> filled;
  for (const auto& pair : v.at("buckets").as_array())
    filled.emplace_back(json::value_to<std::size_t>(pair.at(0)), json::value_to<std::uint64_t>(pair.at(1)));
  const auto number = [&v](const char* name) { return json::value_to<std::uint64_t>(v.at(name)); };
  histogram out;
  if (!out.restore(filled, number("sum"), number("min"), number("max"))) throw std::out_of_range{"a histogram"};
  return out;
}

std::map<std::string, std::uint64_t> errors_in(const json::value& v) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [name, count] : v.as_object()) out[name] = json::value_to<std::uint64_t>(count);
  return out;
}

combination combination_in(const json::value& v) {
  combination c{json::value_to<std::string>(v.at("key_type")),
                {json::value_to<unsigned>(v.at("threads")), json::value_to<unsigned>(v.at("sessions")),
                 json::value_to<unsigned>(v.at("in_flight")), v.at("mechanism").as_string() == "combined"},
                json::value_to<double>(v.at("rate"))};
  if (const auto* fault = v.as_object().if_contains("fault")) c.fault = json::value_to<std::string>(*fault);
  return c;
}

course course_in(const json::value& v) {
  course c;
  if (!v.at("struck_seconds").is_null()) c.struck = json::value_to<double>(v.at("struck_seconds"));
  if (!v.at("recovered_seconds").is_null()) c.recovered = json::value_to<double>(v.at("recovered_seconds"));
  for (const auto& m : v.at("moments").as_array()) {
    const auto number = [&m](std::size_t i) { return json::value_to<std::uint64_t>(m.at(i)); };
    c.moments.push_back({number(0), number(1), number(2)});
  }
  return c;
}

series series_in(const json::value& v) {
  series s{.layer = json::value_to<std::string>(v.at("layer")), .of = combination_in(v), .ramp = v.at("ramp").as_bool()};
  for (const auto& t : v.at("slices").as_array()) {
    const auto real = [&t](const char* name) { return json::value_to<double>(t.at(name)); };
    const auto whole = [&t](const char* name) { return json::value_to<std::uint64_t>(t.at(name)); };
    s.turns.push_back({real("seconds"), whole("made"), real("client_cpu_seconds"), real("server_cpu_seconds"),
                       whole("switches"), whole("p50_ns"), whole("p99_ns")});
  }
  s.latency = histogram_in(v.at("latency"));
  if (const auto* service = v.as_object().if_contains("service")) s.service = histogram_in(*service);
  if (const auto* courses = v.as_object().if_contains("courses"))
    for (const auto& c : courses->as_array()) s.courses.push_back(course_in(c));
  s.errors = errors_in(v.at("errors"));
  s.verified = json::value_to<std::uint64_t>(v.at("verified"));
  s.unsent = json::value_to<std::uint64_t>(v.at("unsent"));
  return s;
}

report ours_in(const json::value& v) {
  report out;
  out.about.time = json::value_to<std::string>(v.at("time"));
  out.about.machine = facts_in(v.at("machine"));
  out.about.token = facts_in(v.at("token"));
  out.about.mechanisms = json::value_to<std::vector<std::string>>(v.at("mechanisms"));
  out.about.run = facts_in(v.at("run"));
  for (const auto& s : v.at("series").as_array()) out.all.push_back(series_in(s));
  for (const auto& k : v.at("knees").as_array())
    out.knees.push_back({json::value_to<std::string>(k.at("layer")), combination_in(k),
                         json::value_to<double>(k.at("capacity")), json::value_to<double>(k.at("kept")),
                         json::value_to<std::uint64_t>(k.at("p99_ns"))});
  for (const auto& l : v.at("left_out").as_array())
    out.absent.push_back({json::value_to<std::string>(l.at("layer")), json::value_to<std::string>(l.at("where")),
                          json::value_to<std::string>(l.at("why"))});
  if (const auto* operations = v.as_object().if_contains("operations"))
    for (const auto& o : operations->as_array())
      out.operations.push_back({json::value_to<std::string>(o.at("name")), json::value_to<std::string>(o.at("where")),
                                histogram_in(o.at("time")), errors_in(o.at("errors"))});
  return out;
}

/// p11perftest writes its numbers as text.
double number_in(const json::value& v, double most = 1e15) {
  double out = 0;
  if (v.is_string()) {
    const auto& text = v.as_string();
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (bad != std::errc{} || end != text.data() + text.size()) throw std::out_of_range{"a number"};
  } else {
    out = json::value_to<double>(v);
  }
  if (!(out >= 0 && out <= most)) throw std::out_of_range{"a number"};  // nor is NaN
  return out;
}

/// Which of our kinds its test is; empty if it is none. Its keys are named as the tool itself names them.
std::string kind_of_theirs(std::string_view test, std::string_view key) {
  if (test.find("ignature") == std::string_view::npos) return {};
  const std::string padding = test.find("PSS") == std::string_view::npos ? "-pkcs1" : "";
  for (const char* bits : {"2048", "3072", "4096"})
    if (key == std::string{"rsa-"} + bits) return std::string{"rsa"} + bits + padding;
  for (const char* bits : {"256", "384", "521"})
    if (key == std::string{"ecdsa-secp"} + bits + "r1") return std::string{"p"} + bits;
  return {};
}

/// Its tests, by test, key and vector; under "N thread-s" where it was run with several numbers of threads. Of a signature's
/// vectors the first: what is signed is a digest of each.
void add_theirs(report& out, const json::object& tests) {
  for (const auto& [name, keys] : tests) {
    if (name.ends_with("thread-s")) {
      add_theirs(out, keys.as_object());
      continue;
    }
    for (const auto& [key, vectors] : keys.as_object()) {
      const auto word = kind_of_theirs(name, key);
      if (word.empty() || vectors.as_object().empty()) continue;
      const auto& test = vectors.as_object().begin()->value();
      series s{.layer = std::string{floor_layer}};
      s.of.kind = word;
      s.of.shape.threads = static_cast<unsigned>(number_in(test.at("threads"), 1e6));
      s.of.shape.combined = word.starts_with("rsa");  // its RSA tests have the token hash, those of ECDSA do it themselves
      turn t;
      t.made = static_cast<std::uint64_t>(number_in(test.at("totalcount")));
      t.seconds = number_in(test.at("wallclock")) * 1e-3;
      s.turns.push_back(t);
      if (const auto& code = test.at("errorcode").as_string(); code != "CKR_OK") s.errors[std::string{code}] = 1;
      out.all.push_back(std::move(s));
    }
  }
}

}  // namespace

json::value to_json(const report& r) {
  json::array all;
  for (const series& s : r.all) all.push_back(object_of(s));
  json::array knees;
  for (const knee& k : r.knees) {
    json::object one{{"layer", k.layer}};
    put(one, k.of);
    one["capacity"] = k.capacity;
    one["kept"] = k.rate;
    one["p99_ns"] = k.p99;
    knees.push_back(std::move(one));
  }
  json::array operations;
  for (const operation& o : r.operations)
    operations.push_back(
        json::object{{"name", o.name}, {"where", o.where}, {"errors", object_of(o.errors)}, {"time", object_of(o.time)}});
  json::array absent;
  for (const left_out& l : r.absent) absent.push_back(json::object{{"layer", l.layer}, {"where", l.where}, {"why", l.why}});
  return json::object{{"schema", schema_version},
                      {"time", r.about.time},
                      {"machine", object_of(r.about.machine)},
                      {"token", object_of(r.about.token)},
                      {"mechanisms", json::array(r.about.mechanisms.begin(), r.about.mechanisms.end())},
                      {"run", object_of(r.about.run)},
                      {"series", std::move(all)},
                      {"knees", std::move(knees)},
                      {"operations", std::move(operations)},
                      {"left_out", std::move(absent)}};
}

result<report> read_report(const std::filesystem::path& file) {
  auto text = agent::read_file(file, std::size_t{256} << 20);
  if (!text) return text.error();
  const auto wrong = [&file](const std::string& why) {
    return fail(condition::bad_input, agent::quote(file.string()) + " is no report of ours or of p11perftest: " + why);
  };
  boost::system::error_code bad;
  const json::value v = json::parse(*text, bad);
  if (bad) return wrong(bad.message());
  try {
    if (const auto* version = v.as_object().if_contains("schema")) {
      if (const auto is = json::value_to<int>(*version); is != schema_version)
        return wrong("its schema is version " + std::to_string(is) + ", and this program reads " +
                     std::to_string(schema_version));
      return ours_in(v);
    }
    report out;
    add_theirs(out, v.as_object());
    if (out.all.empty()) return wrong("it has no signatures");
    return out;
  } catch (const std::exception& e) {
    return wrong(e.what());
  }
}

}  // namespace sealring::bench
