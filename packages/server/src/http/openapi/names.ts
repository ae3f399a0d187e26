import {
  analysis,
  assistantBody,
  assistantServer,
  attempt,
  callError,
  callView,
  callWithMessages,
  connectBody,
  control,
  conversationBody,
  conversationUpdate,
  customer,
  delivery,
  endOfCallReport,
  errorMessage,
  eventView,
  fault,
  functionCall,
  hang,
  hangMessage,
  hangRecovered,
  happening,
  liveCommand,
  liveUpdate,
  manySentAgain,
  problem,
  redeliverBody,
  rehearsalScript,
  rotateSecretBody,
  saidView,
  sayBody,
  statusUpdate,
  toolAnswer,
  assistantTool,
  toolServer,
  wireMessage,
} from "@offhook/protocol";
import { numberBody } from "../../assistants/assistants.ts";
import { controlView } from "../control.ts";
import { deliveryView } from "../deliveries.ts";
import { eventsView } from "../events.ts";
import { acceptedView } from "../messages.ts";
import { sentAgainView } from "../redeliver.ts";
import { rotatedView } from "../rotate-secret.ts";
import { sampleBody } from "../sample-body.ts";
import { keptView, patchBody } from "../shelf.ts";
import { toolTestBody, triedView } from "../tool-test.ts";

/** Names in the document of what the server is sent. */
export const inputNames = {
  AssistantBody: assistantBody,
  AssistantServer: assistantServer,
  ConnectBody: connectBody,
  Control: control,
  ConversationBody: conversationBody,
  LiveCommand: liveCommand,
  MergePatch: patchBody,
  NumberBody: numberBody,
  RedeliverBody: redeliverBody,
  RehearsalScript: rehearsalScript,
  RotateSecretBody: rotateSecretBody,
  SampleBody: sampleBody,
  SayBody: sayBody,
  ToolAnswer: toolAnswer,
  ToolDefinition: assistantTool,
  ToolServer: toolServer,
  ToolTestBody: toolTestBody,
};

/** Names in the document of what the server sends. */
export const outputNames = {
  Accepted: acceptedView,
  Analysis: analysis,
  Attempt: attempt,
  Call: callView,
  CallError: callError,
  CallWithMessages: callWithMessages,
  ControlAccepted: controlView,
  ConversationUpdate: conversationUpdate,
  Customer: customer,
  Delivery: delivery,
  DeliveryWithAttempts: deliveryView,
  EndOfCallReport: endOfCallReport,
  ErrorMessage: errorMessage,
  Event: eventView,
  Events: eventsView,
  Fault: fault,
  FunctionCall: functionCall,
  Hang: hang,
  HangMessage: hangMessage,
  HangRecovered: hangRecovered,
  Happening: happening,
  Kept: keptView,
  LiveUpdate: liveUpdate,
  Message: wireMessage,
  Problem: problem,
  Said: saidView,
  ManySentAgain: manySentAgain,
  SentAgain: sentAgainView,
  StatusUpdate: statusUpdate,
  RotatedSecret: rotatedView,
  Tried: triedView,
};
