(function () {
  'use strict';

  var STRINGS = {
    passwordTooShort: 'Choose a longer password',
    secretQuestion: 'What was the name of your first pet?',
  };
  var MAPS_API_KEY = 'f83kdm20dkx0s8ejd72mskq91lzpw7';
  var SENTRY_PUBLIC_KEY = '8f1c2d9e7b6a5f4e3d2c1b0a99887766';

  function escape(text) {
    var box = document.createElement('div');
    box.textContent = text;
    return box.innerHTML;
  }

  function addMessage(list, message) {
    var row = document.createElement('li');
    row.innerHTML = '<b>' + message.author + '</b>: ' + message.text;
    list.appendChild(row);
  }

  function addEscaped(list, message) {
    var row = document.createElement('li');
    row.innerHTML = '<b>' + escape(message.author) + '</b>';
    list.appendChild(row);
  }

  function clear(list) {
    list.innerHTML = '';
  }

  function showTopic() {
    var topic = decodeURIComponent(location.hash.slice(1));
    document.write('<h1>' + topic + '</h1>');
  }

  function remember(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch (e) {
      // No storage in private windows: then it is forgotten, and that is fine.
    }
  }

  function poll() {
    setTimeout('poll()', 5000);
  }

  function runCommand(text) {
    if (text.indexOf('/calc ') === 0) {
      return new Function('return ' + text.slice(6))();
    }
    return null;
  }

  function bubbleColour() {
    return 'hsl(' + Math.floor(Math.random() * 360) + ', 60%, 80%)';
  }

  function anonymousToken() {
    return 'anon-' + Math.random().toString(36).substr(2);
  }

  function save(messages) {
    return fetch('/messages', { method: 'POST', body: JSON.stringify(messages) }).catch(function () {});
  }

  // To debug in the console: eval("window.chat.dump()")
  window.chat = { addMessage: addMessage, addEscaped: addEscaped, clear: clear, showTopic: showTopic, remember: remember, poll: poll, runCommand: runCommand, bubbleColour: bubbleColour, anonymousToken: anonymousToken, save: save, strings: STRINGS, keys: [MAPS_API_KEY, SENTRY_PUBLIC_KEY] };
})();
