// What a tenant can try on another: any method of the API, with its own request
// or a right one, in which a random field names something of the other's. Such
// a try must not succeed, nor change anything, nor tell anything: whatever is
// answered is what is answered for a name of the same shape that stands for
// nothing, and none of the other's words is in it.
//
// GRADMATCH_TENANT_TRIES=100000 for the full count.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "gradmatch/v1/content_service.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "index/base/error.h"
#include "server/identity/access_rules.h"
#include "tests/server/any_call.h"
#include "tests/server/identity/foreign_names.h"
#include "tests/server/identity/role_requests.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

int64_t FromEnvironment(const char* name, int64_t standard) {
  const char* text = std::getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : standard;
}

// What changes from call to call, whatever was asked.
bool IsVolatile(const std::string& line) {
  for (const char* field :
       {"etag:", "generation:", "revision:", "attribution_token:",
        "next_page_token:", "budget_left:", "seconds:", "nanos:",
        "memory_bytes:", "eligible_about:"}) {
    if (absl::StrContains(line, field)) return true;
  }
  return false;
}

// An answer without what changes, and with "#" for `name`.
std::string Told(const absl::Status& status, const std::string& response,
                 const std::string& name) {
  // The nearest public code is told by likeness to what was written.
  const bool of_codes =
      absl::StrContains(absl::StrCat(ReasonOf(status), response), "CODE_");
  std::string text = response;
  if (!status.ok()) {
    const FieldError error = FieldErrorOf(status);
    // The details are a map in any order; these are what is in it.
    text = absl::StrJoin(
        {absl::StatusCodeToString(status.code()), ReasonOf(status), error.field,
         error.value, error.allowed, response},
        "\n");
    if (!of_codes) {
      absl::StrAppend(&text, "\n", std::string(status.message()), "\n",
                      error.nearest);
    }
  }
  std::vector<std::string> kept;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool by_likeness = of_codes && (absl::StrContains(line, "nearest:") ||
                                          absl::StrContains(line, "message:"));
    if (by_likeness || IsVolatile(std::string(line))) continue;
    kept.emplace_back(line);
  }
  std::string told =
      absl::StrReplaceAll(absl::AsciiStrToLower(absl::StrJoin(kept, "\n")),
                          {// Public code systems that begin like a source.
                           {"gd2025", "codes"},
                           {absl::AsciiStrToLower(name), "#"}});
  // Our own fresh ids: "try-" and seven digits.
  for (size_t at = 0; (at = told.find("try-1", at)) != std::string::npos;) {
    told.replace(at, 11, "fresh");
  }
  // Ids that postings get from odd numbers of ours: a hash of them.
  constexpr std::string_view kHashed = "postings/h-";
  for (size_t at = 0; (at = told.find(kHashed, at)) != std::string::npos;) {
    told.replace(at, kHashed.size() + 16, "postings/hash");
  }
  return told;
}

// One tenant, and what it tries.
class Attacker {
 public:
  Attacker(IdentityWorld& world, CallerRole role,
           const std::vector<ForeignName>& names, uint32_t seed)
      : world_(world),
        role_(role),
        names_(names),
        rng_(seed),
        channel_(world.ChannelOf(OtherCallerIn(role))) {
    for (const MethodDescriptor* method : AllMethods()) {
      const Caller caller{.principal = "x", .role = role};
      all_.push_back(method);
      if (CheckRole(caller, ShortName(*method)).ok())
        allowed_.push_back(method);
    }
  }

  // One try; adds what is wrong to the test.
  void Try();

  std::map<std::string, int64_t> outcomes;

 private:
  struct Case {
    const MethodDescriptor* method;
    std::string json;
    TextField field;
    std::string where;
    bool in_row = false;
  };
  struct Answer {
    absl::Status status;
    std::string text;
  };

  size_t Below(size_t n) { return rng_() % n; }
  Case Choose();
  std::string OwnRequest(const std::string& method);
  Answer Call(const Case& one, const std::string& name);
  Answer CallSync(const Case& one, const std::string& name, Message& begin);
  std::string Fresh() { return absl::StrCat("try-", 1'000'000 + ++tries_); }
  void CheckCanaries(const Case& one, const std::string& name,
                     const Answer& answer) const;

  IdentityWorld& world_;
  const CallerRole role_;
  const std::vector<ForeignName>& names_;
  std::mt19937 rng_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::vector<const MethodDescriptor*> all_;
  std::vector<const MethodDescriptor*> allowed_;
  int64_t tries_ = 0;
};

// A right request of the attacker for its own things, where it has any.
std::string Attacker::OwnRequest(const std::string& method) {
  const std::string json = RightRequestFor(role_, method);
  if (role_ == CallerRole::kStaff) {
    return absl::StrReplaceAll(json,
                               {{"staff/s-1", "staff/s-3"},
                                {"graduates/g-1", "graduates/g-elsewhere"},
                                {"graduates/$FRESH", "graduates/g-elsewhere"}});
  }
  return absl::StrReplaceAll(json, {{"sources/gd", "sources/other"},
                                    {"contents/gd.", "contents/other."},
                                    {"\"gd.", "\"other."}});
}

Attacker::Case Attacker::Choose() {
  const auto& methods = Below(4) == 0 ? all_ : allowed_;
  Case one;
  one.method = methods[Below(methods.size())];
  one.json = OwnRequest(ShortName(*one.method));
  const google::protobuf::Descriptor* type = one.method->input_type();
  // Of a sync: its begin, or its row.
  one.in_row = one.method->client_streaming() && Below(2) == 0;
  if (one.in_row) type = type->FindFieldByName("row")->message_type();
  std::vector<TextField> fields = TextFieldsOf(*type);
  if (fields.empty()) return Choose();
  one.field = fields[Below(fields.size())];
  for (const auto* step : one.field) {
    absl::StrAppend(&one.where, one.where.empty() ? "" : ".", step->name());
  }
  return one;
}

Attacker::Answer Attacker::Call(const Case& one, const std::string& name) {
  const std::string json =
      world_.Fill(absl::StrReplaceAll(one.json, {{"$FRESH", Fresh()}}));
  std::unique_ptr<Message> request = NewRequest(*one.method);
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, request.get());
  EXPECT_TRUE(parsed.ok()) << parsed << json;
  if (!one.in_row) SetText(*request, one.field, name);
  if (one.method->client_streaming()) return CallSync(one, name, *request);
  Answer answer;
  std::unique_ptr<Message> response;
  answer.status = CallAny(channel_, *one.method, *request, &response);
  if (answer.status.ok()) answer.text = response->DebugString();
  return answer;
}

// Begin, one row, commit.
Attacker::Answer Attacker::CallSync(const Case& one, const std::string& name,
                                    Message& begin) {
  std::unique_ptr<Message> row = NewRequest(*one.method);
  std::unique_ptr<Message> commit = NewRequest(*one.method);
  if (auto* postings = dynamic_cast<v1::SyncPostingsRequest*>(row.get())) {
    *postings->mutable_row()->mutable_upsert() = GoodPosting(Fresh());
  } else if (auto* contents =
                 dynamic_cast<v1::SyncContentsRequest*>(row.get())) {
    v1::Content& content = *contents->mutable_row()->mutable_upsert();
    content.set_name("contents/other." + Fresh());
    content.set_kind(v1::CONTENT_KIND_NEWS);
    content.set_title("新闻");
    content.set_text("正文。");
  }
  const google::protobuf::Reflection& of = *row->GetReflection();
  if (one.in_row) {
    Message* inner = of.MutableMessage(
        row.get(), row->GetDescriptor()->FindFieldByName("row"));
    SetText(*inner, one.field, name);
  }
  of.MutableMessage(commit.get(),
                    commit->GetDescriptor()->FindFieldByName("commit"));
  std::vector<std::unique_ptr<Message>> responses;
  Answer answer;
  answer.status = CallStream(channel_, *one.method,
                             {&begin, row.get(), commit.get()}, responses);
  for (const auto& response : responses) {
    absl::StrAppend(&answer.text, response->DebugString());
  }
  return answer;
}

void Attacker::CheckCanaries(const Case& one, const std::string& name,
                             const Answer& answer) const {
  const std::string all = absl::StrCat(answer.status.ToString(), answer.text);
  EXPECT_FALSE(absl::StrContains(all, kPersonCanary))
      << ShortName(*one.method) << " " << one.where << "=" << name << "\n"
      << all.substr(0, 2'000);
  // Staff may read postings.
  if (role_ == CallerRole::kStaff) return;
  EXPECT_FALSE(absl::StrContains(all, kPostingCanary))
      << ShortName(*one.method) << " " << one.where << "=" << name << "\n"
      << all.substr(0, 2'000);
}

// What depends on the words of the request by its nature, and on nothing of
// another tenant: public codes by their likeness, postings that staff search.
bool IsAnsweredByLikeness(const std::string& method) {
  return absl::StartsWith(method, "CodeService.") ||
         method == "MatchService.SearchPostings";
}

void Attacker::Try() {
  const Case one = Choose();
  const ForeignName& name = names_[Below(names_.size())];
  const Answer before = Call(one, name.absent[0]);
  const Answer answer = Call(one, name.there);
  const Answer after = Call(one, name.absent[1]);
  CheckCanaries(one, name.there, answer);
  const std::string told = Told(answer.status, answer.text, name.there);
  const std::string method = ShortName(*one.method);
  const bool same = told == Told(before.status, before.text, name.absent[0]) ||
                    told == Told(after.status, after.text, name.absent[1]);
  EXPECT_TRUE(same || IsAnsweredByLikeness(method))
      << method << " " << one.where << (one.in_row ? " of a row" : "") << "\n"
      << name.there << ": " << told.substr(0, 1'500) << "\n"
      << name.absent[0] << ": "
      << Told(before.status, before.text, name.absent[0]).substr(0, 1'500)
      << "\n"
      << name.absent[1] << ": "
      << Told(after.status, after.text, name.absent[1]).substr(0, 1'500);
  ++outcomes[answer.status.ok() ? "OK (of its own)" : ReasonOf(answer.status)];
}

class CrossTenantTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new IdentityWorld(
        TestServer::Settings{{"match.graduates_daily_budget", "100000000"}});
    names_ = new std::vector<ForeignName>(MakeForeignNames(*world_));
  }
  static void TearDownTestSuite() {
    delete world_;
    delete names_;
  }

  // Half of `tries` for each kind of tenant.
  void Attack(CallerRole role, const std::vector<ForeignName>& names,
              int64_t tries) {
    const auto seed =
        static_cast<uint32_t>(FromEnvironment("GRADMATCH_TENANT_SEED", 1));
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    const std::string before = AllOfTheAttacked(*world_);
    Attacker attacker(*world_, role, names, seed);
    for (int64_t i = 0; i < tries && !HasFailure(); ++i) {
      attacker.Try();
      if (i % 500 == 499) {
        ASSERT_EQ(AllOfTheAttacked(*world_), before) << "after try " << i;
      }
    }
    EXPECT_EQ(AllOfTheAttacked(*world_), before);
    std::cout << tries << " tries of " << CallerRoleName(role) << ", seed "
              << seed << ":\n";
    for (const auto& [outcome, count] : attacker.outcomes) {
      std::cout << "  " << outcome << " " << count << "\n";
    }
    // Tries that are all refused for their role would prove little.
    EXPECT_GT(attacker.outcomes["OK (of its own)"], tries / 100);
    EXPECT_GT(attacker.outcomes["TENANT_DENIED"], tries / 100);
  }

  static IdentityWorld* world_;
  static std::vector<ForeignName>* names_;
};
IdentityWorld* CrossTenantTest::world_ = nullptr;
std::vector<ForeignName>* CrossTenantTest::names_ = nullptr;

int64_t Tries() { return FromEnvironment("GRADMATCH_TENANT_TRIES", 1'500); }

TEST_F(CrossTenantTest, ASourceGetsNothingOfAnother) {
  Attack(CallerRole::kSource, *names_, Tries() * 2 / 3);
}

TEST_F(CrossTenantTest, StaffGetNothingOfOthersStudents) {
  Attack(CallerRole::kStaff, ForStaff(*names_), Tries() - Tries() * 2 / 3);
}

// Which posting of another one is a duplicate of must not be told: whoever
// sends a guess would learn that the other has it.
TEST_F(CrossTenantTest, ADuplicateDoesNotTellOfTheOther) {
  const auto platform =
      v1::PostingService::NewStub(world_->ChannelOf("platform"));
  const auto other =
      v1::PostingService::NewStub(world_->ChannelOf("other source"));
  v1::CreatePostingRequest create;
  create.set_parent("sources/gd");
  *create.mutable_posting() = GoodPosting("twin");
  v1::Posting posting;
  using Stub = v1::PostingService::Stub;
  ASSERT_TRUE(world_->server()
                  .Call(platform, &Stub::CreatePosting, create, posting)
                  .ok());
  create.set_parent("sources/other");
  ASSERT_TRUE(
      world_->server().Call(other, &Stub::CreatePosting, create, posting).ok());
  EXPECT_EQ(posting.canonical_posting(), "");
  v1::GetPostingRequest get;
  get.set_name("sources/other/postings/twin");
  ASSERT_TRUE(
      world_->server().Call(other, &Stub::GetPosting, get, posting).ok());
  EXPECT_EQ(posting.canonical_posting(), "");
  v1::ListPostingsRequest list;
  list.set_parent("sources/other");
  v1::ListPostingsResponse all;
  ASSERT_TRUE(
      world_->server().Call(other, &Stub::ListPostings, list, all).ok());
  for (const v1::Posting& one : all.postings()) {
    EXPECT_FALSE(absl::StrContains(one.canonical_posting(), "sources/gd"));
  }
  // It is one, as the platform sees.
  ASSERT_TRUE(
      world_->server().Call(platform, &Stub::GetPosting, get, posting).ok());
  EXPECT_EQ(posting.canonical_posting(), "sources/gd/postings/twin");
}

}  // namespace
}  // namespace gradmatch
